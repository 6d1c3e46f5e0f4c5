use altlocks::throttle;

#[throttle(rate = 1.0, timeout = "1s")]
async fn load() -> u32 {
    1
}

fn main() {
    drop(load());
}
