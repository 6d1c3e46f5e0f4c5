//! That memory does not grow: what of it is resident, as Linux tells.

use std::fmt;
use std::time::Duration;

use anyhow::ensure;

/// What the process may grow by once it is warm. More than twice what an allocator holds back (up to 164 KiB were seen),
/// and as much as 12 000 lost allocations of 16 bytes, each of which takes 32: fewer than any primitive has calls in a few
/// seconds, or cancellations in a minute.
const GROWTH: u64 = 384;

/// In KiB. All `None` where there is no such file.
#[derive(Default)]
pub(crate) struct Memory {
    warm: Option<u64>,
    last: Option<u64>,
}

impl Memory {
    /// A quarter of the run is for warming up.
    pub(crate) fn sample(&mut self, at: Duration, takes: Duration) {
        self.last = resident();
        if at >= takes / 4 && self.warm.is_none() {
            self.warm = self.last;
        }
    }

    fn growth(&self) -> Option<u64> {
        Some(self.last?.saturating_sub(self.warm?))
    }

    pub(crate) fn judge(&self) -> anyhow::Result<()> {
        let growth = self.growth().unwrap_or(0);
        ensure!(growth <= GROWTH, "memory: it grew by {growth} KiB, of {GROWTH} that it may");
        Ok(())
    }

    pub(crate) fn worst(&self) -> String {
        self.growth().map_or("not known here".to_owned(), |growth| format!("grew by {growth} KiB of {GROWTH}"))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(kib) => write!(f, "{kib:>6} KiB"),
            None => f.write_str("?"),
        }
    }
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
