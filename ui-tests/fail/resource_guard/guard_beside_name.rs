use altlocks::{resource_guard, ResourceBusy};

static GUARD: altlocks::ResourceGuard<()> = altlocks::ResourceGuard::new(());

#[resource_guard(guard = GUARD, name = "g", action = "reading")]
async fn load() -> Result<u32, ResourceBusy> {
    Ok(1)
}

fn main() {
    drop(load());
}
