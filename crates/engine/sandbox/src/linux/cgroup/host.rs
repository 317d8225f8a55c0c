//! What this process and everything it starts may use of the host's memory.

use std::path::{Path, PathBuf};

use super::detect::memory_groups;
use super::{field, read};
use crate::HostMemory;

/// Reads it anew each time; where to, is found once.
#[derive(Debug)]
pub(crate) struct Memory(Vec<PathBuf>);

impl Memory {
    /// Of the groups that this process is in now.
    pub(crate) fn find() -> Self {
        Self(memory_groups())
    }

    pub(crate) fn read(&self) -> Option<HostMemory> {
        let all = HostMemory::parse(&read(Path::new("/proc"), "meminfo").ok()?)?;
        let limits = self.0.iter().filter_map(|dir| limit(dir, all.total));
        Some(limits.fold(all, |memory, (limit, used)| memory.within(limit, used)))
    }
}

/// A group's limit, if it is less than `all` there is, and what it uses without what would be given up for others.
fn limit(dir: &Path, all: u64) -> Option<(u64, u64)> {
    // Without a limit, version 2 says `max`, and version 1 a number that no host has.
    let number = |file| read(dir, file).ok()?.trim().parse::<u64>().ok();
    let (limit, used, idle) = match number("memory.max") {
        Some(limit) => (limit, "memory.current", "inactive_file"),
        None => (number("memory.limit_in_bytes")?, "memory.usage_in_bytes", "total_inactive_file"),
    };
    // For what is used the kernel adds up all groups below, of which there are as many as instances.
    if limit >= all {
        return None;
    }
    let used = number(used)?;
    let caches = field(&read(dir, "memory.stat").ok()?, idle)?;
    Some((limit, used.saturating_sub(caches)))
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;

    fn group(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        files.iter().for_each(|(file, text)| write(dir.path(), file, text).unwrap());
        dir
    }

    #[test]
    fn limits_of_both_versions_are_read() {
        let stat = "anon 5\ninactive_file 30\nactive_file 9\n";
        let two = group(&[("memory.max", "1000\n"), ("memory.current", "100\n"), ("memory.stat", stat)]);
        assert_eq!(limit(two.path(), 2000), Some((1000, 70)));
        let free = group(&[("memory.max", "max\n"), ("memory.current", "100\n"), ("memory.stat", stat)]);
        assert_eq!(limit(free.path(), 2000), None);
        let stat = "inactive_file 1\ntotal_inactive_file 40\n";
        let one =
            group(&[("memory.limit_in_bytes", "900\n"), ("memory.usage_in_bytes", "50\n"), ("memory.stat", stat)]);
        assert_eq!(limit(one.path(), 2000), Some((900, 10)));
        assert_eq!(limit(one.path(), 900), None, "it is no limit");
    }

    #[test]
    fn this_host_has_some() {
        let memory = Memory::find().read().unwrap();
        assert!(memory.total >= memory.available && memory.available > 0, "{memory:?}");
    }
}
