//! `RESULTS.md`, from what was measured.

mod budgets;
mod estimates;
mod machine;
mod results;
mod table;

use std::fmt::Write as _;

pub(crate) use self::estimates::{Estimate, Measured};
pub(crate) use self::machine::Metadata;
pub(crate) use self::results::Results;

/// The page.
pub(crate) fn render(results: &Results, metadata: &Metadata) -> anyhow::Result<String> {
    let mut page = String::from(HEAD);
    writeln!(page, "\n## Where and when\n\n{}", machine::render(metadata, results.measured_at())?)?;
    writeln!(page, "## Budgets\n\n{}", budgets::render(results))?;
    writeln!(page, "## Timed in turns\n\n{TURNS}\n{}", table::in_turns(results))?;
    writeln!(
        page,
        "## Timed\n\nThe median of up to 50 samples, of compile times that of a few. Rows of altlocks are bold.\n"
    )?;
    for group in results.groups() {
        writeln!(page, "### {}\n\n{}", capitalised(group), table::timed(results, group))?;
    }
    writeln!(page, "## Counted\n")?;
    for name in results.tables() {
        writeln!(page, "### {}\n\n{}", capitalised(name), table::counted(results, name))?;
    }
    Ok(page)
}

const HEAD: &str = "\
# altlocks and its peers, side by side

Written by `cargo run --release -p altlocks-benches`, which measures all of this on one machine, and each table in one run.
Compare within a table; the numbers of another machine are others, their ratios less so.
";

const TURNS: &str = "\
How many times as long as another row a row takes: both are timed in turns, for some milliseconds each (where 100 000 meet, for
five meetings), and this is the median of the ratios of neighbours. What the machine does meanwhile, it does to both. Budgets
are about these. Of breakers it is what a call takes over the bare function.
";

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
