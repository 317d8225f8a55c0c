//! Which control groups this host has, and where this process sits in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::v1::V1;
use super::v2::V2;
use super::{Controller, read};

/// The controllers that a full sandbox needs.
const NEEDED: [&str; 4] = ["memory", "cpu", "pids", "freezer"];

/// The best controller that can be used here, or why there is none.
pub(crate) fn detect() -> Result<Box<dyn Controller>, String> {
    let text = |file| read(Path::new("/proc/self"), file).map_err(|err| err.to_string());
    let (mounts, own) = (text("mountinfo")?, text("cgroup")?);
    let refused = match unified(&mounts, &own) {
        None => None,
        Some((mount, own)) => match V2::prepare(&mount, &own) {
            Ok(controller) => return Ok(Box::new(controller)),
            Err(err) => Some(err.to_string()),
        },
    };
    let dirs = legacy(&mounts, &own);
    if NEEDED.iter().all(|name| dirs.contains_key(*name)) {
        return V1::prepare(dirs).map(|v1| Box::new(v1) as Box<dyn Controller>).map_err(|err| err.to_string());
    }
    Err(refused.unwrap_or_else(|| "no control groups are mounted".to_owned()))
}

/// The groups whose limits on memory hold for this process: its own and those above.
pub(super) fn memory_groups() -> Vec<PathBuf> {
    let text = |file| read(Path::new("/proc/self"), file).unwrap_or_default();
    let (mounts, own) = (text("mountinfo"), text("cgroup"));
    let upwards = |mount: &Path, group: &Path| -> Vec<PathBuf> {
        group.ancestors().filter(|dir| dir.starts_with(mount)).map(Path::to_owned).collect()
    };
    let mut groups = legacy(&mounts, &own).get("memory").map(|dir| vec![dir.clone()]).unwrap_or_default();
    if let Some((mount, own)) = unified(&mounts, &own) {
        groups.extend(upwards(&mount, &mount.join(own.trim_start_matches('/'))));
    }
    groups
}

/// One line of mountinfo: where it is mounted, of what type, with which options of its file system.
fn mount_line(line: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = line.split_once(" - ")?;
    let point = before.split(' ').nth(4)?;
    let mut rest = after.split(' ');
    let kind = rest.next()?;
    Some((point, kind, rest.nth(1)?))
}

/// The mount of version 2 and our path below it.
fn unified(mounts: &str, own: &str) -> Option<(PathBuf, String)> {
    let point = mounts.lines().filter_map(mount_line).find(|(_, kind, _)| *kind == "cgroup2")?.0;
    let own = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    Some((point.into(), own.to_owned()))
}

/// Per controller of version 1, the folder of the group that we are in.
fn legacy(mounts: &str, own: &str) -> BTreeMap<String, PathBuf> {
    let mut dirs = BTreeMap::new();
    for (point, _, options) in mounts.lines().filter_map(mount_line).filter(|(_, kind, _)| *kind == "cgroup") {
        for name in NEEDED.iter().filter(|name| options.split(',').any(|option| option == **name)) {
            let inside = Path::new(point).join(own_group(own, name).unwrap_or_default());
            // In a container the path is often that of the host, and not visible here.
            let dir = if inside.is_dir() { inside } else { point.into() };
            dirs.insert((*name).to_owned(), dir);
        }
    }
    dirs
}

/// Our group under a controller of version 1, relative to its mount.
fn own_group<'a>(own: &'a str, controller: &str) -> Option<&'a str> {
    own.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let found = parts.next()?.split(',').any(|name| name == controller);
        found.then(|| parts.next())?.map(|path| path.trim_start_matches('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n\
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    #[test]
    fn mounts_of_both_versions_are_recognised() {
        let own = "2:cpu,cpuacct:/no/such/group\n0::/user.slice\n";
        assert_eq!(unified(MOUNTS, own), Some(("/sys/fs/cgroup/unified".into(), "/user.slice".into())));
        let dirs = legacy(MOUNTS, own);
        assert_eq!(dirs.get("cpu"), Some(&PathBuf::from("/sys/fs/cgroup/cpu,cpuacct")));
        assert_eq!(dirs.len(), 1);
    }

    #[test]
    fn the_own_group_is_found_among_joined_controllers() {
        assert_eq!(own_group("2:cpu,cpuacct:/a/b\n", "cpu"), Some("a/b"));
        assert_eq!(own_group("2:cpuacct:/a\n", "cpu"), None);
    }
}
