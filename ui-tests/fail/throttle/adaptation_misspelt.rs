use altlocks::{throttle, ThrottleTimeout};

struct ApiError;

impl From<ThrottleTimeout> for ApiError {
    fn from(_: ThrottleTimeout) -> Self {
        Self
    }
}

use altlocks::Adaptation;

#[throttle(rate = 1.0, adaptation = Adaptation::Proportionate)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {
    drop(load());
}
