//! The behaviour battery: the same cases for altlocks and its peers, and a table of how each behaves.
//!
//! ```text
//! cargo run --release -p altlocks-benches --bin battery [-- --write | --check]
//! ```
//!
//! Prints the tables. `--write` puts them into the README, `--check` fails where the README has others.
//!
//! Most peers know real time only, so all are tried in it, with spans long enough that a busy machine does not change a
//! verdict.

mod barriers;
mod breakers;
mod calls;
mod readme;
mod table;
mod throttles;

use std::process::ExitCode;

use anyhow::bail;

fn main() -> anyhow::Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build()?;
    let _context = runtime.enter();
    let tables = || [breakers::table(), throttles::table(), barriers::table()].join("\n");
    match *args.as_slice() {
        [] => print!("{}", tables()),
        ["--write"] => readme::write(&tables())?,
        ["--check"] => return readme::check(&tables()),
        _ => bail!("usage: battery [--write | --check]"),
    }
    Ok(ExitCode::SUCCESS)
}
