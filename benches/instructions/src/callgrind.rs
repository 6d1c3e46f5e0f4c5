//! Runs cases under callgrind and reads what it counted.

use std::io::ErrorKind;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::cases::CASES;
use crate::figures::Figures;

/// The difference of two runs is what so many calls cost: what comes before and after is in both.
const CALLS: u64 = 10_000;

/// All cases; `None` without valgrind.
pub(crate) fn count_all() -> anyhow::Result<Option<Figures>> {
    let mut figures = Figures { compiler: compiler()?, ..Figures::default() };
    for (case, _) in CASES {
        let (Some(once), Some(twice)) = (count(case, CALLS)?, count(case, 2 * CALLS)?) else { return Ok(None) };
        #[expect(clippy::cast_precision_loss, reason = "some millions")]
        let a_call = twice.checked_sub(once).context("more calls cost less")? as f64 / CALLS as f64;
        figures.of.push(((*case).to_owned(), a_call));
    }
    Ok(Some(figures))
}

fn count(case: &str, calls: u64) -> anyhow::Result<Option<u64>> {
    let program = std::env::current_exe()?;
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["run", case, &calls.to_string()])
        .output();
    let output = match run {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("valgrind"),
    };
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{case}` failed under valgrind:\n{told}");
    collected(&told).map(Some)
}

/// The total, from a line like `==123== Collected : 4567`.
fn collected(told: &str) -> anyhow::Result<u64> {
    let line = told.lines().find_map(|line| line.split_once("Collected :"));
    let Some((_, total)) = line else { bail!("callgrind told no total:\n{told}") };
    total.trim().parse().with_context(|| format!("no number: {total}"))
}

fn compiler() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("--version").output().context("rustc")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_what_callgrind_tells() {
        let told = "==7== Callgrind, a call-graph generator\n==7== Events    : Ir\n==7== Collected : 15469140\n==7==\n";
        assert_eq!(collected(told).expect("a total"), 15_469_140);
        assert!(collected("==7== Events    : Ir\n").is_err());
    }
}
