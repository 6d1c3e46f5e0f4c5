use altlocks::{throttle, ThrottleTimeout};

struct ApiError;

impl From<ThrottleTimeout> for ApiError {
    fn from(_: ThrottleTimeout) -> Self {
        Self
    }
}

const LIMIT: u64 = 3;

#[throttle(rate = 1.0, timeout = LIMIT)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {
    drop(load());
}
