use altlocks::{resource_guard, ResourceBusy};

#[resource_guard(guard = 5)]
async fn load() -> Result<u32, ResourceBusy> {
    Ok(1)
}

fn main() {
    drop(load());
}
