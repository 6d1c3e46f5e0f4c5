use altlocks::Unlocked;
use tokio::sync::Mutex;

async fn section(mutex: &Mutex<u32>) -> u32 {
    let guard = mutex.lock().await;
    guard.unlocked(async {}).await;
    *guard
}

fn main() {
    drop(section(&Mutex::new(1)));
}
