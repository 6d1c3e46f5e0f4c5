use altlocks::{throttle, ThrottleTimeout};

struct ApiError;

impl From<ThrottleTimeout> for ApiError {
    fn from(_: ThrottleTimeout) -> Self {
        Self
    }
}

#[throttle(rate = 1.0)]
struct Load;

fn main() {
    drop(Load);
}
