use altlocks::{resource_guard, ResourceBusy};

#[resource_guard(fallback = |_| "none")]
async fn load() -> Result<u32, ResourceBusy> {
    Ok(1)
}

fn main() {
    drop(load());
}
