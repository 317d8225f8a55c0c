//! Hard limits on what a sandbox uses, by control groups of either version.
//!
//! A sandbox has one group per controller (version 1) or one group (version 2). Its init stays outside, so that it is
//! never frozen, never counted and never picked by the out-of-memory killer.

mod detect;
mod host;
mod v1;
mod v2;

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

use super::wire::Membership;
use crate::Limits;

pub(crate) use detect::detect;
pub(crate) use host::Memory;

/// Makes groups on this host.
pub(crate) trait Controller: Debug + Send + Sync {
    /// A new group with its limits set and nobody in it.
    fn create(&self, name: &str, limits: &Limits) -> io::Result<Box<dyn Group>>;

    /// Removes groups left behind by supervisors that are gone.
    fn sweep(&self);
}

/// The group of one sandbox.
pub(crate) trait Group: Debug + Send + Sync {
    fn membership(&self) -> Membership;
    /// In place of those that it was made with.
    fn set_limits(&self, limits: &Limits) -> io::Result<()>;
    fn freeze(&self) -> io::Result<()>;
    fn thaw(&self) -> io::Result<()>;
    /// Thousandths of a core; `None` lifts the quota.
    fn set_cpu(&self, millis: Option<u32>) -> io::Result<()>;
    /// Bytes, since the group was made or the last reset.
    fn peak_memory(&self) -> Option<u64>;
    fn reset_peak(&self) -> io::Result<()>;
    /// How often the kernel has killed a member for lack of memory.
    fn oom_kills(&self) -> u64;
    /// Fails with `EBUSY` while members are still dying.
    fn remove(&self) -> io::Result<()>;
}

/// The folder below which all groups of all supervisors are made.
const PARENT: &str = "updraft";

/// The quota's period. AWS: short, because a long one makes small functions stall for most of it.
const PERIOD_MICROS: u64 = 20_000;

/// Microseconds per period. The kernel refuses quotas below one millisecond.
fn quota_micros(millis: u32) -> u64 {
    (u64::from(millis) * PERIOD_MICROS / 1000).max(1000)
}

/// Group names carry their supervisor's process id, so that a later one knows whose remains they are.
fn folder_name(name: &str) -> String {
    format!("{}-{name}", std::process::id())
}

#[expect(clippy::disallowed_methods, reason = "control groups are driven by files")]
fn write(dir: &Path, file: &str, text: &str) -> io::Result<()> {
    let path = dir.join(file);
    std::fs::write(&path, text).map_err(|err| in_file(&path, &err))
}

#[expect(clippy::disallowed_methods, reason = "control groups are driven by files")]
fn read(dir: &Path, file: &str) -> io::Result<String> {
    let path = dir.join(file);
    std::fs::read_to_string(&path).map_err(|err| in_file(&path, &err))
}

fn in_file(path: &Path, err: &io::Error) -> io::Error {
    io::Error::new(err.kind(), format!("{}: {err}", path.display()))
}

/// The number after `key` in a file of `key value` lines.
fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

fn make_dir(dir: &Path) -> io::Result<()> {
    match std::fs::create_dir(dir) {
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map_err(|err| in_file(dir, &err)),
    }
}

/// Makes sure of the folder of all groups, and that groups can be made in it: it may be another user's.
fn claim(parent: &Path) -> io::Result<()> {
    make_dir(parent)?;
    let trial = parent.join(folder_name("trial"));
    make_dir(&trial)?;
    remove_dir(&trial)
}

/// Refuses a name that is taken: two sandboxes would share their limits.
fn check_free(dir: &Path) -> io::Result<()> {
    if dir.exists() { Err(in_file(dir, &io::ErrorKind::AlreadyExists.into())) } else { Ok(()) }
}

/// Removes a group and its subgroups, deepest first. A group that is not there is fine.
fn remove_dir(dir: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_dir(&entry.path())?;
        }
    }
    match std::fs::remove_dir(dir) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(in_file(dir, &err)),
        _ => Ok(()),
    }
}

/// The groups under `parent` whose supervisor no longer runs.
fn orphans(parent: &Path) -> Vec<PathBuf> {
    let owner_is_gone = |name: &str| {
        name.split_once('-')
            .and_then(|(pid, _)| pid.parse::<u32>().ok())
            .is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists())
    };
    std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(owner_is_gone))
        .map(|entry| entry.path())
        .collect()
}

fn sweep_below(parent: &Path) {
    for orphan in orphans(parent) {
        if let Err(err) = remove_dir(&orphan) {
            tracing::debug!(%err, "a control group left behind by another supervisor is still in use");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sliver_of_processor_time_is_never_below_what_the_kernel_takes() {
        assert_eq!(quota_micros(1000), 20_000);
        assert_eq!(quota_micros(72), 1440);
        assert_eq!(quota_micros(10), 1000);
    }

    #[test]
    fn fields_are_told_from_others_with_the_same_beginning() {
        assert_eq!(field("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "oom_kill"), Some(3));
        assert_eq!(field("low 0\n", "oom_kill"), None);
    }

    #[test]
    fn only_groups_of_dead_supervisors_are_orphans() {
        let parent = tempfile::tempdir().unwrap();
        for name in [format!("{}-mine", std::process::id()), "4294967295-gone".into(), "foreign".into()] {
            std::fs::create_dir(parent.path().join(name)).unwrap();
        }
        assert_eq!(orphans(parent.path()), [parent.path().join("4294967295-gone")]);
    }
}
