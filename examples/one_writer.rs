//! One writer a file: tasks that know nothing of each other, and find the same guard by the path.
//!
//! Two writers of one file would mix their lines. Here the second one learns at once that the file is being written, by
//! whom and from where, and decides for itself: a save by hand tells its user, a save by the clock leaves it for the
//! next time.
//!
//! ```sh
//! cargo run -p altlocks-examples --example one_writer
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use altlocks::{ResourceBusy, UniqueResourceGuard};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

#[derive(Debug)]
enum SaveError {
    Busy(ResourceBusy),
    Io(io::Error),
}

impl From<ResourceBusy> for SaveError {
    fn from(busy: ResourceBusy) -> Self {
        Self::Busy(busy)
    }
}

impl From<io::Error> for SaveError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes line by line, slowly, as if to a share on the network.
async fn save(path: PathBuf, writer: &str) -> Result<(), SaveError> {
    let _alone = UniqueResourceGuard::with_action(path.clone(), format!("saving ({writer})")).enter()?;
    let mut file = File::create(&path).await?;
    for line in 1..=3 {
        file.write_all(format!("line {line} by {writer}\n").as_bytes()).await?;
        sleep(Duration::from_millis(50)).await;
    }
    file.flush().await?;
    Ok(())
}

async fn report(name: &str, path: &Path, writer: &str) {
    match save(path.to_path_buf(), writer).await {
        Ok(()) => println!("{writer}: saved {name}"),
        Err(SaveError::Busy(busy)) => println!("{writer}: not now, {busy}"),
        Err(SaveError::Io(error)) => println!("{writer}: {error}"),
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let folder = std::env::temp_dir().join(format!("one_writer-{}", std::process::id()));
    tokio::fs::create_dir_all(&folder).await?;
    let (letter, notes) = (folder.join("letter.txt"), folder.join("notes.txt"));

    // The clock's save comes while the user's is at it; another file is another resource.
    tokio::join!(
        report("letter.txt", &letter, "user"),
        async {
            sleep(Duration::from_millis(60)).await;
            report("letter.txt", &letter, "clock").await;
        },
        report("notes.txt", &notes, "clock"),
    );
    println!("{}", tokio::fs::read_to_string(&letter).await?);

    // The user gives up half-way. The guard does not outlive its task.
    let gives_up = tokio::time::timeout(Duration::from_millis(60), save(letter.clone(), "user")).await;
    println!("user: given up ({})", gives_up.is_err());
    report("letter.txt", &letter, "clock").await;
    println!("{}", tokio::fs::read_to_string(&letter).await?);

    tokio::fs::remove_dir_all(&folder).await
}
