//! Control groups, version 1: one hierarchy per controller.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{
    Controller, Group, Membership, PARENT, PERIOD_MICROS, check_free, claim, folder_name, make_dir, quota_micros, read,
    remove_dir, sweep_below, write,
};
use crate::Limits;

/// Makes groups below the one that the supervisor is in, so that its own limits keep holding.
#[derive(Debug)]
pub(super) struct V1 {
    /// Controller name to the parent of all groups.
    parents: BTreeMap<String, PathBuf>,
}

impl V1 {
    /// `dirs`: controller name to the group that we are in.
    pub(super) fn prepare(dirs: BTreeMap<String, PathBuf>) -> io::Result<Self> {
        let parents: BTreeMap<_, _> = dirs.into_iter().map(|(name, dir)| (name, dir.join(PARENT))).collect();
        parents.values().try_for_each(|dir| claim(dir))?;
        Ok(Self { parents })
    }
}

impl Controller for V1 {
    fn create(&self, name: &str, limits: &Limits) -> io::Result<Box<dyn Group>> {
        let folder = folder_name(name);
        let dirs: BTreeMap<_, _> = self.parents.iter().map(|(name, dir)| (name.clone(), dir.join(&folder))).collect();
        dirs.values().try_for_each(|dir| check_free(dir))?;
        let group = V1Group { dirs };
        // A group that is only half set up is removed by whoever gets the error: the caller never sees it.
        group.set_up(limits).inspect_err(|_| drop(group.remove()))?;
        Ok(Box::new(group))
    }

    fn sweep(&self) {
        self.parents.values().for_each(|parent| sweep_below(parent));
    }
}

#[derive(Debug)]
struct V1Group {
    dirs: BTreeMap<String, PathBuf>,
}

impl V1Group {
    fn dir(&self, controller: &str) -> &Path {
        self.dirs.get(controller).map_or(Path::new(""), PathBuf::as_path)
    }

    fn set_up(&self, limits: &Limits) -> io::Result<()> {
        self.dirs.values().try_for_each(|dir| make_dir(dir))?;
        self.limit(limits)
    }

    fn limit(&self, limits: &Limits) -> io::Result<()> {
        if let Some(bytes) = limits.memory_bytes {
            self.limit_memory(&bytes.to_string())?;
        }
        if let Some(pids) = limits.pids {
            write(self.dir("pids"), "pids.max", &pids.to_string())?;
        }
        self.set_cpu(limits.cpu_millis)
    }

    fn limit_memory(&self, bytes: &str) -> io::Result<()> {
        let dir = self.dir("memory");
        write(dir, "memory.limit_in_bytes", bytes)?;
        // Without a limit on memory and swap together, swap would defeat the first one.
        if dir.join("memory.memsw.limit_in_bytes").exists() {
            write(dir, "memory.memsw.limit_in_bytes", bytes)?;
        }
        // What the network holds for sockets is counted apart, and only if it is limited; the host has little of it.
        if dir.join("memory.kmem.tcp.limit_in_bytes").exists() {
            write(dir, "memory.kmem.tcp.limit_in_bytes", bytes)?;
        }
        Ok(())
    }
}

impl Group for V1Group {
    fn membership(&self) -> Membership {
        Membership {
            join: self.dirs.values().map(|dir| dir.join("cgroup.procs")).collect(),
            thaw: (self.dir("freezer").join("freezer.state"), "THAWED".to_owned()),
        }
    }

    fn set_limits(&self, limits: &Limits) -> io::Result<()> {
        self.limit(limits)
    }

    fn freeze(&self) -> io::Result<()> {
        write(self.dir("freezer"), "freezer.state", "FROZEN")
    }

    fn thaw(&self) -> io::Result<()> {
        write(self.dir("freezer"), "freezer.state", "THAWED")
    }

    fn set_cpu(&self, millis: Option<u32>) -> io::Result<()> {
        let quota = millis.map_or_else(|| "-1".to_owned(), |millis| quota_micros(millis).to_string());
        write(self.dir("cpu"), "cpu.cfs_period_us", &PERIOD_MICROS.to_string())?;
        write(self.dir("cpu"), "cpu.cfs_quota_us", &quota)
    }

    fn peak_memory(&self) -> Option<u64> {
        read(self.dir("memory"), "memory.max_usage_in_bytes").ok()?.trim().parse().ok()
    }

    fn reset_peak(&self) -> io::Result<()> {
        write(self.dir("memory"), "memory.max_usage_in_bytes", "0")
    }

    fn oom_kills(&self) -> u64 {
        let text = read(self.dir("memory"), "memory.oom_control").ok();
        text.and_then(|text| super::field(&text, "oom_kill")).unwrap_or_default()
    }

    fn remove(&self) -> io::Result<()> {
        self.dirs.values().try_for_each(|dir| remove_dir(dir))
    }
}
