use altlocks::{throttle, ThrottleTimeout};

struct ApiError;

impl From<ThrottleTimeout> for ApiError {
    fn from(_: ThrottleTimeout) -> Self {
        Self
    }
}

static PACE: altlocks::DynamicThrottle = altlocks::DynamicThrottle::new(1.0);

#[throttle(throttle = PACE, rate = 3.0)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {
    drop(load());
}
