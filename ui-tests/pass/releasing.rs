use altlocks::{Releasing, Unlocked};
use tokio::sync::Mutex;

async fn section(mutex: &Mutex<u32>) -> u32 {
    let (guard, five) = mutex.lock().await.unlocked(async { 5 }).await;
    let Ok(guard) = Releasing::new(guard).reacquire().await;
    *guard + five
}

fn main() {
    drop(section(&Mutex::new(1)));
}
