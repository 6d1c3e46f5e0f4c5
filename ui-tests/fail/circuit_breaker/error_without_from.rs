use altlocks::circuit_breaker;

#[circuit_breaker]
async fn load() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {
    drop(load());
}
