//! Control groups, version 2: one hierarchy for all controllers.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{
    Controller, Group, Membership, PARENT, PERIOD_MICROS, check_free, claim, field, folder_name, make_dir,
    quota_micros, read, remove_dir, sweep_below, write,
};
use crate::Limits;

/// The controllers that a full sandbox needs; freezing is built in.
const NEEDED: [&str; 3] = ["memory", "cpu", "pids"];

/// Makes groups below `parent`.
#[derive(Debug)]
pub(super) struct V2 {
    parent: PathBuf,
}

impl V2 {
    /// Claims a subtree of the hierarchy mounted at `mount`, in which this process is at `own`.
    pub(super) fn prepare(mount: &Path, own: &str) -> io::Result<Self> {
        let base = base(mount, own);
        let available = read(&base, "cgroup.controllers")?;
        if let Some(missing) = NEEDED.iter().find(|name| !available.split_whitespace().any(|found| found == **name)) {
            return Err(io::Error::other(format!("the controller `{missing}` is not delegated to {}", base.display())));
        }
        if base != mount {
            step_aside(&base)?;
        }
        match delegate(&base) {
            // The root of a container's hierarchy is only a root to those inside, who sit in it.
            Err(err) if err.kind() == io::ErrorKind::ResourceBusy => {
                step_aside(&base).and_then(|()| delegate(&base))?
            }
            other => other?,
        }
        let parent = base.join(PARENT);
        claim(&parent)?;
        delegate(&parent)?;
        Ok(Self { parent })
    }
}

/// Our own group if it is ours alone, as that of a service is. A login session's is not, and its other processes are
/// not ours to move; then the root's, which takes root.
fn base(mount: &Path, own: &str) -> PathBuf {
    let base = mount.join(own.trim_start_matches('/'));
    let me = std::process::id().to_string();
    let alone = read(&base, "cgroup.procs").is_ok_and(|pids| pids.lines().all(|pid| pid == me));
    if alone { base } else { mount.to_owned() }
}

/// Moves all processes of `base` into a leaf: only a group without processes may hand controllers down.
fn step_aside(base: &Path) -> io::Result<()> {
    let leaf = base.join("supervisor");
    make_dir(&leaf)?;
    for pid in read(base, "cgroup.procs")?.lines() {
        write(&leaf, "cgroup.procs", pid)?;
    }
    Ok(())
}

fn delegate(dir: &Path) -> io::Result<()> {
    write(dir, "cgroup.subtree_control", &NEEDED.map(|name| format!("+{name}")).join(" "))
}

impl Controller for V2 {
    fn create(&self, name: &str, limits: &Limits) -> io::Result<Box<dyn Group>> {
        let dir = self.parent.join(folder_name(name));
        check_free(&dir)?;
        make_dir(&dir)?;
        let group = V2Group { peak: None, dir };
        match group.set_up(limits) {
            Ok(peak) => Ok(Box::new(V2Group { peak, ..group })),
            Err(err) => {
                drop(group.remove());
                Err(err)
            }
        }
    }

    fn sweep(&self) {
        sweep_below(&self.parent);
    }
}

#[derive(Debug)]
struct V2Group {
    dir: PathBuf,
    /// A reset of `memory.peak` counts only for the descriptor that it was made through, so one is kept open.
    peak: Option<File>,
}

impl V2Group {
    fn set_up(&self, limits: &Limits) -> io::Result<Option<File>> {
        self.limit(limits)?;
        Ok(File::options().read(true).write(true).open(self.dir.join("memory.peak")).ok())
    }

    fn limit(&self, limits: &Limits) -> io::Result<()> {
        if let Some(bytes) = limits.memory_bytes {
            write(&self.dir, "memory.max", &bytes.to_string())?;
            // Absent where the kernel has no swap.
            if self.dir.join("memory.swap.max").exists() {
                write(&self.dir, "memory.swap.max", "0")?;
            }
            write(&self.dir, "memory.oom.group", "1")?;
        }
        if let Some(pids) = limits.pids {
            write(&self.dir, "pids.max", &pids.to_string())?;
        }
        self.set_cpu(limits.cpu_millis)
    }
}

impl Group for V2Group {
    fn membership(&self) -> Membership {
        Membership { join: vec![self.dir.join("cgroup.procs")], thaw: (self.dir.join("cgroup.freeze"), "0".to_owned()) }
    }

    fn set_limits(&self, limits: &Limits) -> io::Result<()> {
        self.limit(limits)
    }

    fn freeze(&self) -> io::Result<()> {
        write(&self.dir, "cgroup.freeze", "1")
    }

    fn thaw(&self) -> io::Result<()> {
        write(&self.dir, "cgroup.freeze", "0")
    }

    fn set_cpu(&self, millis: Option<u32>) -> io::Result<()> {
        let quota = millis.map_or_else(|| "max".to_owned(), |millis| quota_micros(millis).to_string());
        write(&self.dir, "cpu.max", &format!("{quota} {PERIOD_MICROS}"))
    }

    fn peak_memory(&self) -> Option<u64> {
        let mut text = String::new();
        match self.peak.as_ref() {
            Some(mut file) => {
                file.rewind().ok()?;
                file.read_to_string(&mut text).ok()?;
            }
            None => text = read(&self.dir, "memory.peak").ok()?,
        }
        text.trim().parse().ok()
    }

    fn reset_peak(&self) -> io::Result<()> {
        match self.peak.as_ref() {
            Some(mut file) => file.write_all(b"reset"),
            // Kernels before 6.12 cannot; the peak is then that of the sandbox's life.
            None => Ok(()),
        }
    }

    fn oom_kills(&self) -> u64 {
        read(&self.dir, "memory.events").ok().and_then(|text| field(&text, "oom_kill")).unwrap_or_default()
    }

    fn remove(&self) -> io::Result<()> {
        remove_dir(&self.dir)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests look at the files they caused")]
mod tests {
    use super::*;

    /// A folder that looks like a delegated hierarchy. It shows paths and contents; a real kernel is not in it.
    fn hierarchy(controllers: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("unit")).unwrap();
        for (file, text) in [("cgroup.controllers", controllers), ("cgroup.procs", &std::process::id().to_string())] {
            std::fs::write(dir.path().join("unit").join(file), text).unwrap();
        }
        dir
    }

    fn text(path: PathBuf) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_delegated_unit_is_emptied_before_controllers_are_handed_down() {
        let dir = hierarchy("cpuset cpu memory pids");
        V2::prepare(dir.path(), "/unit").unwrap();
        let unit = dir.path().join("unit");
        assert_eq!(text(unit.join("supervisor/cgroup.procs")), std::process::id().to_string());
        assert_eq!(text(unit.join("cgroup.subtree_control")), "+memory +cpu +pids");
        assert_eq!(text(unit.join("updraft/cgroup.subtree_control")), "+memory +cpu +pids");
    }

    #[test]
    fn the_processes_of_a_login_session_stay_where_they_are() {
        let dir = hierarchy("cpu memory pids");
        std::fs::write(dir.path().join("unit/cgroup.procs"), format!("{}\n42\n", std::process::id())).unwrap();
        std::fs::write(dir.path().join("cgroup.controllers"), "cpu memory pids").unwrap();
        V2::prepare(dir.path(), "/unit").unwrap();
        assert!(!dir.path().join("unit/supervisor").exists());
        assert_eq!(text(dir.path().join("updraft/cgroup.subtree_control")), "+memory +cpu +pids");
    }

    #[test]
    fn a_missing_controller_is_named() {
        let err = V2::prepare(hierarchy("cpu memory").path(), "/unit").unwrap_err();
        assert!(err.to_string().contains("`pids` is not delegated"), "{err}");
    }

    #[test]
    fn limits_become_files_and_lifting_the_quota_writes_max() {
        let dir = hierarchy("cpu memory pids");
        let limits = Limits { memory_bytes: Some(64 << 20), cpu_millis: Some(500), pids: Some(9), nofile: 1 };
        let group = V2::prepare(dir.path(), "/unit").unwrap().create("a", &limits).unwrap();
        let folder = dir.path().join("unit/updraft").join(folder_name("a"));
        assert_eq!(text(folder.join("memory.max")), "67108864");
        assert_eq!(text(folder.join("pids.max")), "9");
        assert_eq!(text(folder.join("cpu.max")), "10000 20000");
        group.set_cpu(None).unwrap();
        assert_eq!(text(folder.join("cpu.max")), "max 20000");
        group.freeze().unwrap();
        assert_eq!(text(folder.join("cgroup.freeze")), "1");
        assert_eq!(group.oom_kills(), 0, "no events file, no kill");
    }
}
