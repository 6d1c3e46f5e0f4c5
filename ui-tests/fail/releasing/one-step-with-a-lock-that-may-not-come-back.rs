use altlocks::Unlocked;
use tokio::sync::OwnedSemaphorePermit;

async fn section(permit: OwnedSemaphorePermit) {
    permit.unlocked(async {}).await;
}

fn main() {
    let _ = section;
}
