use altlocks::Unlocked;
use tokio::sync::Mutex;

async fn section(mutex: &Mutex<Vec<u32>>) -> Option<u32> {
    let guard = mutex.lock().await;
    let first = guard.first();
    let (_guard, ()) = guard.unlocked(async {}).await;
    first.copied()
}

fn main() {
    drop(section(&Mutex::new(vec![1])));
}
