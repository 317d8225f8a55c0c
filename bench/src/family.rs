//! A process and all that came from it, as Linux tells.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use anyhow::Result;

/// The kernel's clock ticks, by which processor time is told.
const TICK: Duration = Duration::from_millis(10);

/// It and its descendants; itself first.
///
/// # Errors
/// If processes can't be seen.
pub(crate) fn of(pid: u32) -> Result<Vec<u32>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = fields(pid).and_then(|fields| fields.get(1)?.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(pid) = family.get(next) {
        family.extend(children.remove(pid).unwrap_or_default());
        next += 1;
    }
    Ok(family)
}

/// `None`: it has gone.
pub(crate) fn proportional_kib(pid: u32) -> Option<f64> {
    let memory = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = memory.lines().find(|line| line.starts_with("Pss:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Processor time. `None`: it has gone.
pub(crate) fn used(pid: u32) -> Option<Duration> {
    let fields = fields(pid)?;
    let ticks = |index: usize| fields.get(index)?.parse::<u32>().ok();
    Some(TICK * (ticks(11)? + ticks(12)?))
}

/// Of `stat`, from the state on: what comes before may hold spaces.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}
