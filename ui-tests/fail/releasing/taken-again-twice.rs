use std::sync::Arc;

use altlocks::Releasing;
use tokio::sync::Mutex;

async fn section(mutex: Arc<Mutex<u32>>) {
    let released = Releasing::new(mutex.lock_owned().await);
    let Ok(first) = released.reacquire().await;
    let Ok(second) = released.reacquire().await;
    drop((first, second));
}

fn main() {
    drop(section(Arc::new(Mutex::new(1))));
}
