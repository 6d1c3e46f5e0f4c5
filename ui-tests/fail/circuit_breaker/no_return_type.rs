use altlocks::circuit_breaker;

#[circuit_breaker]
async fn load() {}

fn main() {
    drop(load());
}
