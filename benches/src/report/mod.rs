//! `RESULTS.md`, from what was measured.

mod budgets;
mod estimates;
mod machine;
mod results;
mod table;

use std::fmt::Write as _;

pub(crate) use self::estimates::Measured;
pub(crate) use self::machine::Metadata;
pub(crate) use self::results::Results;

/// The section of another tool, which stays as it is.
const FROM: &str = "<!-- compile time -->";
const TO: &str = "<!-- /compile time -->";

/// The page; `before` is what it was until now.
pub(crate) fn render(results: &Results, metadata: &Metadata, before: &str) -> anyhow::Result<String> {
    let mut page = String::from(HEAD);
    writeln!(page, "\n## Where and when\n\n{}", machine::render(metadata, results.measured_at())?)?;
    writeln!(page, "## Budgets\n\n{}", budgets::render(results))?;
    writeln!(page, "## Timed\n\nThe median of 50 samples. Rows of altlocks are bold.\n")?;
    for group in results.groups() {
        writeln!(page, "### {}\n\n{}", capitalised(group), table::timed(results, group))?;
    }
    writeln!(page, "## Counted\n")?;
    for name in results.tables() {
        writeln!(page, "### {}\n\n{}", capitalised(name), table::counted(results, name))?;
    }
    write!(page, "## Compile time\n\n{FROM}{}{TO}\n", kept(before))?;
    Ok(page)
}

const HEAD: &str = "\
# altlocks and its peers, side by side

Written by `cargo run --release -p altlocks-benches`, which measures all of this in one run on one machine. Compare within a
table; the numbers of another machine are others, their ratios less so.
";

fn kept(before: &str) -> &str {
    let section = before.split_once(FROM).and_then(|(_, rest)| rest.split_once(TO));
    section.map_or("\n", |(section, _)| section)
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_of_another_tool_stays() {
        assert_eq!(kept("a <!-- compile time -->\n| 1 |\n<!-- /compile time --> b"), "\n| 1 |\n");
        assert_eq!(kept(""), "\n");
    }
}
