//! How many instructions a call costs, counted by callgrind: the same figures on every run, however busy the machine.
//!
//! ```sh
//! cargo run --release -p altlocks-instructions            # compares with `recorded.txt`, fails beyond 5 %
//! cargo run --release -p altlocks-instructions -- record  # writes `recorded.txt` anew
//! ```
//!
//! Without valgrind there is nothing to count with, and nothing fails.

mod callgrind;
mod cases;
mod figures;

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use self::figures::Figures;

/// What is recorded, of this source tree.
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recorded.txt");

fn main() -> anyhow::Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match *args.as_slice() {
        [] | ["check"] => check(),
        ["record"] => {
            let counted = callgrind::count_all()?.context("valgrind is not installed")?;
            std::fs::write(RECORDED, counted.to_string()).context(RECORDED)?;
            print!("{counted}");
            Ok(ExitCode::SUCCESS)
        }
        // What callgrind runs.
        ["run", case, calls] => {
            let case = cases::CASES.iter().find(|(name, _)| *name == case).context("no such case")?;
            (case.1)(calls.parse()?);
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("usage: altlocks-instructions [check | record]"),
    }
}

fn check() -> anyhow::Result<ExitCode> {
    let recorded: Figures = std::fs::read_to_string(RECORDED).context(RECORDED)?.parse()?;
    let Some(counted) = callgrind::count_all()? else {
        println!("valgrind is not installed: no instruction is counted, nothing is checked");
        return Ok(ExitCode::SUCCESS);
    };
    if recorded.compiler != counted.compiler {
        println!("recorded with {}, counted with {}", recorded.compiler, counted.compiler);
    }
    let changes = recorded.compare(&counted);
    println!("{:<46}{:>10}{:>10}{:>9}", "instructions a call", "recorded", "now", "change");
    for change in &changes {
        println!("{change}");
    }
    let beyond: Vec<_> = changes.iter().filter(|change| change.is_beyond()).collect();
    for change in &beyond {
        eprintln!("error: {}", change.verdict());
    }
    Ok(if beyond.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
