use altlocks::throttle;

#[throttle(rate = 1.0, timeout = "1s")]
async fn load() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {
    drop(load());
}
