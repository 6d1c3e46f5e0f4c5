//! Measures everything and rewrites `RESULTS.md`.
//!
//! ```text
//! cargo run --release -p altlocks-benches [-- --report]
//! ```
//!
//! `--report` writes anew what was measured last, without measuring.

mod breakers;
mod facts;
mod report;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

fn main() -> anyhow::Result<()> {
    let mut measure = true;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("report") => measure = false,
            other => return Err(other.unexpected().into()),
        }
    }
    let metadata = report::Metadata::read()?;
    let estimates = metadata.target_directory().join("criterion");
    if measure {
        bench(&estimates)?;
    }
    let results = report::Results::new(report::Measured::read(&estimates)?, facts::facts());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    std::fs::write(&file, report::render(&results, &metadata, &before)?)?;
    println!("written: {}", file.display());
    Ok(())
}

fn bench(estimates: &Path) -> anyhow::Result<()> {
    // What is there may be of rows that exist no more.
    if estimates.exists() {
        std::fs::remove_dir_all(estimates)?;
    }
    let status = Command::new(env!("CARGO"))
        .args(["bench", "--locked", "-p", env!("CARGO_PKG_NAME"), "--benches"])
        .env("CRITERION_HOME", estimates)
        .status()
        .context("cargo bench")?;
    ensure!(status.success(), "cargo bench: {status}");
    Ok(())
}
