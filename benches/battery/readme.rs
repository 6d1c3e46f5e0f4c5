//! The place of the tables in the README.

use std::process::ExitCode;

use anyhow::Context as _;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const FROM: &str = "<!-- battery -->\n";
const TO: &str = "<!-- /battery -->";

pub(crate) fn write(tables: &str) -> anyhow::Result<()> {
    let page = std::fs::read_to_string(README).context("README.md")?;
    std::fs::write(README, with(&page, tables)?).context("README.md")
}

pub(crate) fn check(tables: &str) -> anyhow::Result<ExitCode> {
    let page = std::fs::read_to_string(README).context("README.md")?;
    let now = with(&page, tables)?;
    for (was, is) in page.lines().zip(now.lines()).filter(|(was, is)| was != is) {
        eprintln!("README.md: {was}\nfound now: {is}");
    }
    Ok(if page == now { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The page with these tables between the markers.
fn with(page: &str, tables: &str) -> anyhow::Result<String> {
    let (before, rest) = page.split_once(FROM).context("README.md has no place for the battery")?;
    let (_, after) = rest.split_once(TO).context("the place of the battery has no end")?;
    Ok(format!("{before}{FROM}\n{tables}\n{TO}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_take_the_place_of_those_that_were_there() {
        let page = "# A\n<!-- battery -->\n\nold\n\n<!-- /battery -->\nB\n";
        let written = with(page, "new\n").expect("a place");
        assert_eq!(written, "# A\n<!-- battery -->\n\nnew\n\n<!-- /battery -->\nB\n");
        assert_eq!(with(&written, "new\n").expect("a place"), written);
        assert!(with("# A\n", "new").is_err());
    }
}
