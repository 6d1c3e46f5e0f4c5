use altlocks::{throttle, ThrottleTimeout};

struct ApiError;

impl From<ThrottleTimeout> for ApiError {
    fn from(_: ThrottleTimeout) -> Self {
        Self
    }
}

const LOW: f64 = 0.4;
const HIGH: f64 = 0.6;

#[throttle(rate = 1.0, ubound = LOW, lbound = HIGH)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
