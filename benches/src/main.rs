//! Measures everything and rewrites `RESULTS.md`.
//!
//! ```text
//! cargo run --release -p altlocks-benches [-- --calls | --compile-time | --report]
//! ```
//!
//! `--calls` measures calls and no compile times, `--compile-time` the other way round; what is not measured is written as
//! it was measured last. `--report` measures nothing.

mod breakers;
mod compile_time;
mod facts;
mod report;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

fn main() -> anyhow::Result<()> {
    let (mut calls, mut compile_times) = (true, true);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("calls") => compile_times = false,
            lexopt::Arg::Long("compile-time") => calls = false,
            lexopt::Arg::Long("report") => (calls, compile_times) = (false, false),
            other => return Err(other.unexpected().into()),
        }
    }
    let metadata = report::Metadata::read()?;
    let target = metadata.target_directory();
    let criterion = target.join("criterion");
    if calls {
        bench(&criterion)?;
    }
    if compile_times {
        compile_time::measure(&target)?;
    }
    let mut measured = report::Measured::read(&criterion)?;
    measured.rows.extend(compile_time::estimates(&target)?);
    let results = report::Results::new(measured, facts::facts());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    std::fs::write(&file, report::render(&results, &metadata)?)?;
    println!("written: {}", file.display());
    Ok(())
}

fn bench(estimates: &Path) -> anyhow::Result<()> {
    // What is there may be of rows that exist no more.
    if estimates.exists() {
        std::fs::remove_dir_all(estimates)?;
    }
    let status = Command::new(env!("CARGO"))
        .args(["bench", "--locked", "-p", env!("CARGO_PKG_NAME"), "--bench", "*"])
        .env("CRITERION_HOME", estimates)
        .status()
        .context("cargo bench")?;
    ensure!(status.success(), "cargo bench: {status}");
    Ok(())
}
