//! What criterion wrote down.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

/// A row of a group.
#[derive(Debug)]
pub(crate) struct Estimate {
    pub(crate) group: String,
    pub(crate) peer: String,
    /// Nanoseconds.
    pub(crate) median: f64,
}

/// All rows below criterion's folder.
pub(crate) fn estimates(folder: &Path) -> anyhow::Result<Vec<Estimate>> {
    let mut found = Vec::new();
    collect(folder, &mut found).with_context(|| format!("{}: nothing measured yet?", folder.display()))?;
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<Estimate>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name == "new") {
            found.push(read(&path).with_context(|| path.display().to_string())?);
        } else if path.is_dir() {
            collect(&path, found)?;
        }
    }
    Ok(())
}

fn read(folder: &Path) -> anyhow::Result<Estimate> {
    let json =
        |file: &str| -> anyhow::Result<Value> { Ok(serde_json::from_reader(std::fs::File::open(folder.join(file))?)?) };
    let (benchmark, estimates) = (json("benchmark.json")?, json("estimates.json")?);
    let text = |key: &str| benchmark[key].as_str().map(str::to_owned).with_context(|| key.to_owned());
    let median = estimates["median"]["point_estimate"].as_f64().context("median")?;
    Ok(Estimate { group: text("group_id")?, peer: text("function_id")?, median })
}
