use altlocks::circuit_breaker;

#[circuit_breaker(fallback = |_| 0)]
async fn load() -> u32 {
    1
}

fn main() {
    drop(load());
}
