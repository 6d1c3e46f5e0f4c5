use altlocks::{throttle, ThrottleTimeout};

struct ApiError;

impl From<ThrottleTimeout> for ApiError {
    fn from(_: ThrottleTimeout) -> Self {
        Self
    }
}

#[throttle(rate = f64::INFINITY)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {}
