//! Where, when and of what the numbers are.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, ensure};
use serde_json::Value;

/// What `cargo metadata` says of the workspace.
#[derive(Debug)]
pub(crate) struct Metadata(Value);

impl Metadata {
    pub(crate) fn read() -> anyhow::Result<Self> {
        Ok(Self(serde_json::from_str(&output(env!("CARGO"), &["metadata", "--format-version", "1", "--locked"])?)?))
    }

    /// Where cargo builds, and so where criterion writes.
    pub(crate) fn target_directory(&self) -> PathBuf {
        PathBuf::from(self.0["target_directory"].as_str().unwrap_or("target"))
    }

    /// What is measured, with versions: the direct dependencies of this package.
    fn dependencies(&self) -> Vec<String> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let packages = list(&self.0["packages"]);
        let version = |id: &Value| packages.iter().find(|package| package["id"] == *id);
        let nodes = list(&self.0["resolve"]["nodes"]);
        let own = packages.iter().find(|package| package["name"] == env!("CARGO_PKG_NAME"));
        let node = own.and_then(|own| nodes.iter().find(|node| node["id"] == own["id"]));
        let mut dependencies: Vec<String> = node
            .map(|node| list(&node["dependencies"]))
            .unwrap_or_default()
            .iter()
            .filter_map(version)
            .filter_map(|package| Some(format!("{} {}", package["name"].as_str()?, package["version"].as_str()?)))
            .collect();
        dependencies.sort();
        dependencies
    }
}

pub(super) fn render(metadata: &Metadata, measured_at: SystemTime) -> anyhow::Result<String> {
    let mut list = String::new();
    let cores = std::thread::available_parallelism()?;
    writeln!(list, "- machine: {}, {cores} cores, {}", cpu(), system())?;
    writeln!(list, "- compiler: {}", output("rustc", &["--version"])?)?;
    writeln!(list, "- date: {}", humantime::format_rfc3339_seconds(measured_at).to_string().split_at(10).0)?;
    writeln!(list, "- versions: {}", metadata.dependencies().join(", "))?;
    Ok(list)
}

fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    model.unwrap_or(std::env::consts::ARCH).to_owned()
}

fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).map(|name| name.trim_matches('"'));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{}, {} {}", name.unwrap_or("unknown"), std::env::consts::OS, kernel.trim())
}

fn output(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| program.to_owned())?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
