use altlocks::Releasing;
use tokio::sync::Mutex;

async fn section(mutex: &Mutex<u32>) -> u32 {
    let guard = mutex.lock().await;
    let released = Releasing::new(guard);
    let read = *guard;
    drop(released);
    read
}

fn main() {
    drop(section(&Mutex::new(1)));
}
