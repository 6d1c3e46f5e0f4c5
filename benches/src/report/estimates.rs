//! What criterion wrote down.

use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;
use serde_json::Value;

/// A row of a group.
#[derive(Debug)]
pub(crate) struct Estimate {
    pub(crate) group: String,
    pub(crate) peer: String,
    /// Nanoseconds, or a ratio.
    pub(crate) median: f64,
}

/// All rows, and when the last of them was written.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) rows: Vec<Estimate>,
    pub(crate) at: SystemTime,
}

impl Measured {
    /// What is below criterion's folder.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut measured = Self { rows: Vec::new(), at: SystemTime::UNIX_EPOCH };
        measured.collect(folder).with_context(|| format!("{}: nothing measured yet?", folder.display()))?;
        Ok(measured)
    }

    fn collect(&mut self, folder: &Path) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() && path.file_name().is_some_and(|name| name == "new") {
                self.rows.push(read(&path).with_context(|| path.display().to_string())?);
                self.at = self.at.max(path.join(ESTIMATES).metadata()?.modified()?);
            } else if path.is_dir() {
                self.collect(&path)?;
            }
        }
        Ok(())
    }
}

const ESTIMATES: &str = "estimates.json";

fn read(folder: &Path) -> anyhow::Result<Estimate> {
    let json =
        |file: &str| -> anyhow::Result<Value> { Ok(serde_json::from_reader(std::fs::File::open(folder.join(file))?)?) };
    let (benchmark, estimates) = (json("benchmark.json")?, json(ESTIMATES)?);
    let text = |key: &str| benchmark[key].as_str().map(str::to_owned).with_context(|| key.to_owned());
    let median = estimates["median"]["point_estimate"].as_f64().context("median")?;
    Ok(Estimate { group: text("group_id")?, peer: text("function_id")?, median })
}
