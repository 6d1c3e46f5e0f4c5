use altlocks::circuit_breaker;

#[circuit_breaker]
async fn load() -> u32 {
    1
}

fn main() {
    drop(load());
}
