use altlocks::Unlocked;
use tokio::sync::Mutex;

async fn section(mutex: &Mutex<u32>) {
    let mut guard = mutex.lock().await;
    let (_guard, ()) = guard.unlocked(async { *guard += 1 }).await;
}

fn main() {
    drop(section(&Mutex::new(1)));
}
