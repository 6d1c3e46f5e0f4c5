use altlocks::{throttle, ThrottleTimeout};

struct ApiError;

impl From<ThrottleTimeout> for ApiError {
    fn from(_: ThrottleTimeout) -> Self {
        Self
    }
}

#[throttle(rate = 1.0, rand = |_, _| 0.5)]
async fn load() -> Result<u32, ApiError> {
    Ok(1)
}

fn main() {
    drop(load());
}
