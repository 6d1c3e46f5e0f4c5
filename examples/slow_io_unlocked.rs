//! Slow I/O outside a held lock: a cache whose lock is let go while a page is fetched, and taken again to keep it.
//!
//! Eight readers ask for four pages. With the lock held over the fetch, one slow server makes all of them stand in
//! line; with the lock let go, those of other pages pass. What was true under the lock need not be true after it:
//! somebody may have fetched the same page meanwhile, so the cache is looked at again.
//!
//! ```sh
//! cargo run -p altlocks-examples --example slow_io_unlocked
//! ```

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use altlocks::Unlocked;
use tokio::sync::Mutex;
use tokio::time::sleep;

type Cache = Arc<Mutex<HashMap<u32, String>>>;

/// A server that takes its time.
async fn fetch(page: u32) -> String {
    sleep(Duration::from_millis(100)).await;
    format!("page {page}")
}

async fn read_holding(cache: Cache, page: u32) -> String {
    let mut pages = cache.lock().await;
    if let Some(text) = pages.get(&page) {
        return text.clone();
    }
    let text = fetch(page).await;
    pages.insert(page, text.clone());
    text
}

async fn read_releasing(cache: Cache, page: u32) -> String {
    let pages = cache.lock().await;
    if let Some(text) = pages.get(&page) {
        return text.clone();
    }
    // From here to the next line the lock is free, and `pages` is gone: the compiler sees to it that nobody uses it.
    let (mut pages, text) = pages.unlocked(fetch(page)).await;
    pages.entry(page).or_insert(text).clone()
}

async fn eight_readers<F>(name: &str, read: fn(Cache, u32) -> F)
where
    F: Future<Output = String> + Send + 'static,
{
    let cache = Cache::default();
    let began = Instant::now();
    let readers: Vec<_> = (0..8).map(|reader| tokio::spawn(read(Arc::clone(&cache), reader % 4))).collect();
    let mut texts = Vec::new();
    for reader in readers {
        texts.push(reader.await.unwrap_or_else(|error| error.to_string()));
    }
    println!("{name}: {:4} ms for {texts:?}", began.elapsed().as_millis());
}

#[tokio::main]
async fn main() {
    eight_readers("lock held over the fetch", read_holding).await;
    eight_readers("lock let go meanwhile   ", read_releasing).await;
}
