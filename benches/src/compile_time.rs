//! How long the compiler takes: crates of a thousand functions with an attribute and without, and clean builds.
//!
//! The crates are made below the target directory, at the versions of this workspace's lock file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use altlocks_benches::BARE;
use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::report::Estimate;

const FUNCTIONS: usize = 1000;

/// Rounds of checks, each of which checks every crate once, so that a busy minute falls on all of them.
const CHECKS: usize = 7;
const BUILDS: usize = 3;

/// What stands on each function.
const ATTRIBUTES: &[(&str, &str)] = &[
    (BARE, ""),
    ("altlocks, circuit_breaker", "#[altlocks::circuit_breaker(max_fails = 5)]"),
    ("altlocks, throttle", "#[altlocks::throttle(rate = 50.0)]"),
    ("altlocks, resource_guard", "#[altlocks::resource_guard]"),
    (
        "altlocks, all three",
        "#[altlocks::circuit_breaker(max_fails = 5)] #[altlocks::throttle(rate = 50.0)] #[altlocks::resource_guard]",
    ),
    ("tracing::instrument", "#[tracing::instrument]"),
];

/// What a crate depends on that has no code of its own. Of altlocks also without tokio's share, which a service has anyway.
const DEPENDENCIES: &[(&str, &str)] = &[
    ("altlocks", "altlocks"),
    ("altlocks, without attributes", "altlocks-bare"),
    ("tokio (sync, time), which altlocks builds on", "tokio"),
    ("tracing", "tracing"),
    ("failsafe", "failsafe"),
    ("governor", "governor"),
];

/// Measures both, and keeps the medians for [`estimates`].
pub(crate) fn measure(target: &Path) -> anyhow::Result<()> {
    let workshop = Workshop::new(target)?;
    let rows = [
        ("compile time: check of 1000 functions", workshop.check()?),
        ("compile time: clean build, 2 jobs", workshop.build()?),
    ];
    let rows = rows.into_iter().flat_map(|(group, rows)| {
        rows.into_iter().map(move |(peer, median)| json!({ "group": group, "peer": peer, "median": median }))
    });
    std::fs::write(workshop.kept(), Value::Array(rows.collect()).to_string())?;
    Ok(())
}

/// What was measured last, if anything was.
pub(crate) fn estimates(target: &Path) -> anyhow::Result<Vec<Estimate>> {
    let kept = Workshop { folder: target.join("compile-time") }.kept();
    if !kept.exists() {
        return Ok(Vec::new());
    }
    let rows: Value =
        serde_json::from_str(&std::fs::read_to_string(&kept).with_context(|| kept.display().to_string())?)?;
    let row = |row: &Value| -> Option<Estimate> {
        let text = |key: &str| row[key].as_str().map(str::to_owned);
        Some(Estimate { group: text("group")?, peer: text("peer")?, median: row["median"].as_f64()? })
    };
    rows.as_array().context("rows")?.iter().map(|value| row(value).context("a row")).collect()
}

type Medians = Vec<(&'static str, f64)>;

struct Workshop {
    folder: PathBuf,
}

impl Workshop {
    fn new(target: &Path) -> anyhow::Result<Self> {
        let folder = target.join("compile-time");
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn kept(&self) -> PathBuf {
        self.folder.join("medians.json")
    }

    fn check(&self) -> anyhow::Result<Medians> {
        let crates = ATTRIBUTES
            .iter()
            .enumerate()
            .map(|(number, (_, attribute))| {
                self.package(&format!("check{number}"), &["altlocks", "tracing"], &functions(attribute))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let target = self.folder.join("checked");
        let check = |folder: &Path| {
            let source = folder.join("src/lib.rs");
            // Newer than what was checked.
            std::fs::write(&source, std::fs::read(&source)?)?;
            cargo(folder, &["check"], &target)
        };
        // The first check builds the dependencies.
        crates.iter().try_for_each(|folder| check(folder).map(drop))?;
        medians(CHECKS, ATTRIBUTES.iter().map(|(peer, _)| *peer).zip(crates), check)
    }

    fn build(&self) -> anyhow::Result<Medians> {
        let crates = DEPENDENCIES
            .iter()
            .map(|(_, dependency)| self.package(&format!("build-{dependency}"), &[dependency], ""))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let target = self.folder.join("built");
        let build = |folder: &Path| {
            if target.exists() {
                std::fs::remove_dir_all(&target)?;
            }
            cargo(folder, &["build", "--jobs", "2"], &target)
        };
        medians(BUILDS, DEPENDENCIES.iter().map(|(peer, _)| *peer).zip(crates), build)
    }

    /// A library of its own, outside of this workspace.
    fn package(&self, name: &str, dependencies: &[&str], source: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let altlocks = root.join("altlocks");
        let mut manifest =
            format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n");
        for dependency in dependencies {
            let line = match *dependency {
                "altlocks" => format!("altlocks = {{ path = \"{}\" }}", altlocks.display()),
                "altlocks-bare" => {
                    format!("altlocks = {{ path = \"{}\", default-features = false }}", altlocks.display())
                }
                "tokio" => {
                    "tokio = { version = \"1\", default-features = false, features = [\"sync\", \"time\"] }".to_owned()
                }
                other => format!("{other} = \"*\""),
            };
            writeln!(manifest, "{line}")?;
        }
        std::fs::create_dir_all(folder.join("src"))?;
        std::fs::write(folder.join("Cargo.toml"), manifest)?;
        std::fs::write(folder.join("src/lib.rs"), source)?;
        std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(folder)
    }
}

/// A thousand functions with a return in the middle and a `?`.
fn functions(attribute: &str) -> String {
    let mut source = String::from(
        "#[derive(Debug)]\npub enum Error { Empty, TooLong, Refused }\n\
         impl From<altlocks::CircuitBreakerError> for Error { fn from(_: altlocks::CircuitBreakerError) -> Self { Self::Refused } }\n\
         impl From<altlocks::ResourceBusy> for Error { fn from(_: altlocks::ResourceBusy) -> Self { Self::Refused } }\n",
    );
    for number in 0..FUNCTIONS {
        write!(
            source,
            "\n/// Function {number}.\n{attribute}\n\
             pub async fn function_{number}(value: u64, text: &str) -> Result<u64, Error> {{\n    \
             if text.is_empty() {{\n        return Err(Error::Empty);\n    }}\n    \
             let length = u64::try_from(text.len()).map_err(|_| Error::TooLong)?;\n    \
             Ok(value + length + {number})\n}}\n"
        )
        .expect("a string");
    }
    source
}

fn medians(
    rounds: usize,
    crates: impl Iterator<Item = (&'static str, PathBuf)>,
    run: impl Fn(&Path) -> anyhow::Result<Duration>,
) -> anyhow::Result<Medians> {
    let mut rows: Vec<_> = crates.map(|(peer, folder)| (peer, folder, Vec::new())).collect();
    for round in 1..=rounds {
        println!("compiling, round {round} of {rounds}");
        for (_, folder, times) in &mut rows {
            times.push(run(folder)?);
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e9
    };
    Ok(rows.into_iter().map(|(peer, _, times)| (peer, median(times))).collect())
}

fn cargo(folder: &Path, arguments: &[&str], target: &Path) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--quiet"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .context("cargo")?;
    let took = began.elapsed();
    ensure!(output.status.success(), "{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr));
    Ok(took)
}
