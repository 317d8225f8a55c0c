//! The file system that the sandbox sees.
//!
//! Sources are cloned while the host's tree can still be seen; then the root changes to an empty one; only then are
//! paths of the spec walked, so that no link in them can lead back to the host.
#![expect(clippy::disallowed_methods, reason = "all files touched here are the sandbox's own")]

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::outer::Rights;
use super::{Failure, Step};
use crate::linux::sys::mount::{self, Attributes};
use crate::linux::sys::process;
use crate::{SANDBOX_GID, SANDBOX_UID, SandboxSpec};

/// Where the new root is put together. What is mounted over no longer matters by then.
const STAGE: &str = "/tmp";
/// Devices that give nothing away. No ptmx: a sandbox has no use for terminals.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
/// Links that programs expect in /dev.
const DEVICE_LINKS: [(&str, &str); 4] = [
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
];
/// Parts of /proc about the host that even an unprivileged user could read.
const MASKED: [&str; 14] = [
    "/proc/acpi",
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/kallsyms",
    "/proc/kcore",
    "/proc/keys",
    "/proc/key-users",
    "/proc/kmsg",
    "/proc/latency_stats",
    "/proc/modules",
    "/proc/scsi",
    "/proc/sysrq-trigger",
    "/proc/timer_list",
];
/// Shared memory is memory: more than this is more likely an attack than a need.
const SHM_BYTES: u64 = 64 << 20;

/// A detached copy of a part of the host's tree, on its way to `target`.
#[derive(Debug)]
struct Graft {
    tree: OwnedFd,
    target: PathBuf,
    is_dir: bool,
}

impl Graft {
    fn take(source: &Path, target: &Path, attributes: Attributes) -> io::Result<Self> {
        let is_dir = fs::metadata(source)?.is_dir();
        let tree = mount::clone_tree(source, is_dir)?;
        mount::restrict_tree(&tree, attributes)?;
        Ok(Self { tree, target: target.to_owned(), is_dir })
    }

    fn plant(&self) -> io::Result<()> {
        make_place(&self.target, self.is_dir)?;
        mount::attach(&self.tree, &self.target)
    }
}

pub(super) fn enter(spec: &SandboxSpec, rights: Rights) -> Result<(), Failure> {
    process::unshare(libc::CLONE_NEWNS).step("make a mount namespace")?;
    mount::make_all_private().step("make mounts private")?;
    let grafts = take_grafts(spec)?;
    change_root(spec)?;
    for graft in grafts {
        graft.plant().step(format!("show {}", graft.target.display()))?;
    }
    private_mounts(spec, rights).step("mount private directories")?;
    for link in &spec.symlinks {
        make_link(&link.path, &link.to).step(format!("link {}", link.path.display()))?;
    }
    for (path, content) in &spec.files {
        make_file(path, content).step(format!("write {}", path.display()))?;
    }
    mask().step("mask /proc")?;
    seal().step("make the root read-only")
}

fn take_grafts(spec: &SandboxSpec) -> Result<Vec<Graft>, Failure> {
    let devices = Attributes::READ_ONLY.and(Attributes::NO_SUID).and(Attributes::NO_EXEC);
    let writable = Attributes::NO_SUID.and(Attributes::NO_DEV);
    let binds = spec.binds.iter().map(|bind| {
        let attributes = if bind.read_only { writable.and(Attributes::READ_ONLY) } else { writable };
        (bind.source.as_path(), bind.target.as_path(), attributes)
    });
    binds
        .chain(DEVICES.map(|path| (Path::new(path), Path::new(path), devices)))
        .map(|(source, target, attributes)| {
            Graft::take(source, target, attributes).step(format!("take {}", source.display()))
        })
        .collect()
}

fn change_root(spec: &SandboxSpec) -> Result<(), Failure> {
    let stage = Path::new(STAGE);
    let content: usize = spec.files.iter().map(|(_, content)| content.len()).sum();
    let options = format!("mode=0755,nr_inodes=8192,size={}", content + (4 << 20));
    mount::mount(c"tmpfs", stage, &options, false).step("mount the root")?;
    std::env::set_current_dir(stage).step("enter the root")?;
    fs::create_dir("proc").step("make /proc")?;
    // While the host's /proc is still there: within a user namespace the kernel only allows what is visible already.
    mount::mount(c"proc", Path::new("proc"), "hidepid=2", false).step("mount /proc")?;
    mount::pivot_into_working_directory().step("pivot the root")
}

fn private_mounts(spec: &SandboxSpec, rights: Rights) -> io::Result<()> {
    let (uid, gid) = match rights {
        Rights::Root => (spec.uid, spec.uid),
        Rights::OwnUser => (SANDBOX_UID, SANDBOX_GID),
    };
    for (path, bytes) in [("/tmp", spec.tmp_bytes), ("/dev/shm", spec.tmp_bytes.min(SHM_BYTES))] {
        make_place(Path::new(path), true)?;
        // An inode costs kernel memory, too: one per page is as many as can hold anything.
        let options = format!("mode=0700,uid={uid},gid={gid},size={bytes},nr_inodes={}", (bytes / 4096).max(1024));
        mount::mount(c"tmpfs", Path::new(path), &options, false)?;
    }
    DEVICE_LINKS.into_iter().try_for_each(|(path, to)| make_link(Path::new(path), Path::new(to)))
}

fn mask() -> io::Result<()> {
    for path in MASKED.map(Path::new) {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => mount::mount(c"tmpfs", path, "size=4k,nr_inodes=2", true)?,
            Ok(_) => mount::attach(mount::clone_tree(Path::new("/dev/null"), false)?, path)?,
            Err(_) => {}
        }
    }
    Ok(())
}

fn seal() -> io::Result<()> {
    let sealed = Attributes::READ_ONLY.and(Attributes::NO_SUID).and(Attributes::NO_DEV);
    mount::restrict(c"/proc", sealed.and(Attributes::NO_EXEC))?;
    mount::restrict(c"/", sealed)
}

/// An empty directory or file to mount on.
fn make_place(path: &Path, is_dir: bool) -> io::Result<()> {
    if is_dir {
        return fs::create_dir_all(path);
    }
    make_parent(path)?;
    if path.exists() { Ok(()) } else { File::create(path).map(drop) }
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

fn make_link(path: &Path, to: &Path) -> io::Result<()> {
    make_parent(path)?;
    std::os::unix::fs::symlink(to, path)
}

fn make_file(path: &Path, content: &[u8]) -> io::Result<()> {
    make_parent(path)?;
    fs::write(path, content)?;
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o444))
}
