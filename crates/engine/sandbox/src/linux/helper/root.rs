//! The file system that the sandbox sees.
//!
//! Sources are cloned while the host's tree can still be seen; then the root changes to an empty one; only then are
//! paths of the spec walked, so that no link in them can lead back to the host.
#![expect(clippy::disallowed_methods, reason = "all files touched here are the sandbox's own")]

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::nursery::Rights;
use super::{Failure, Step};
use crate::linux::sys::mount::{self, Attributes};
use crate::linux::sys::process;
use crate::{Bind, SANDBOX_GID, SandboxSpec};

const TMP: &str = "/tmp";
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
/// Where folders are shown that the spec has no place for.
const MOUNTS: &str = "/mnt";
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

/// The root of a sandbox. `tmp`: its `/tmp`, where there is one already.
///
/// # Returns
/// A detached copy of `/tmp`, by which it outlives the sandbox.
pub(super) fn enter(spec: &SandboxSpec, rights: Rights, tmp: Option<OwnedFd>) -> Result<OwnedFd, Failure> {
    let grafts = leave_the_hosts(spec)?;
    change_root(spec, true)?;
    furnish_root(spec, grafts, rights, tmp)?;
    mask().step("mask /proc")?;
    seal_proc().and_then(|()| seal()).step("make the root read-only")?;
    mount::clone_tree(Path::new(TMP), false).step("copy /tmp")
}

/// One that looks like it, for a process of our own that stays among the host's: it has the host's /proc.
pub(super) fn enter_beside(spec: &SandboxSpec, rights: Rights) -> Result<(), Failure> {
    let mut grafts = leave_the_hosts(spec)?;
    let proc = Path::new("/proc");
    grafts.push(Graft::take(proc, proc, Attributes::NO_SUID).step("take /proc")?);
    change_root(spec, false)?;
    furnish_root(spec, grafts, rights, None)?;
    seal().step("make the root read-only")
}

fn leave_the_hosts(spec: &SandboxSpec) -> Result<Vec<Graft>, Failure> {
    process::unshare(libc::CLONE_NEWNS).step("make a mount namespace")?;
    mount::make_all_private().step("make mounts private")?;
    take_all(spec)
}

fn furnish_root(spec: &SandboxSpec, grafts: Vec<Graft>, rights: Rights, tmp: Option<OwnedFd>) -> Result<(), Failure> {
    for graft in grafts {
        graft.plant().step(format!("show {}", graft.target.display()))?;
    }
    private_mounts(spec, rights, tmp).step("mount private directories")?;
    for place in &spec.places {
        make_place(place, true).step(format!("make {}", place.display()))?;
    }
    for link in &spec.symlinks {
        make_link(&link.path, &link.to).step(format!("link {}", link.path.display()))?;
    }
    for (path, content) in &spec.files {
        make_file(path, content).step(format!("write {}", path.display()))?;
    }
    Ok(())
}

fn take_all(spec: &SandboxSpec) -> Result<Vec<Graft>, Failure> {
    let devices = Attributes::READ_ONLY.and(Attributes::NO_SUID).and(Attributes::NO_EXEC);
    let device = |path| Graft::take(Path::new(path), Path::new(path), devices).step(format!("take {path}"));
    spec.binds.iter().map(take).chain(DEVICES.map(device)).collect()
}

fn take(bind: &Bind) -> Result<Graft, Failure> {
    let writable = Attributes::NO_SUID.and(Attributes::NO_DEV);
    let attributes = if bind.read_only { writable.and(Attributes::READ_ONLY) } else { writable };
    Graft::take(&bind.source, &bind.target, attributes).step(format!("take {}", bind.source.display()))
}

/// Detached copies of parts of the host's tree, and which of them are directories.
pub(crate) fn take_grafts(binds: &[Bind]) -> Result<(Vec<OwnedFd>, Vec<bool>), Failure> {
    let grafts = binds.iter().map(take).collect::<Result<Vec<_>, _>>()?;
    Ok(grafts.into_iter().map(|graft| (graft.tree, graft.is_dir)).unzip())
}

/// What is told when it is known what the sandbox is for.
pub(super) fn furnish(targets: &[(PathBuf, bool)], trees: &[OwnedFd], tmp_bytes: Option<u64>) -> Result<(), Failure> {
    if targets.len() != trees.len() {
        return Err(io::ErrorKind::InvalidInput.into()).step("match trees and targets");
    }
    let inside_mounts = targets.iter().any(|(target, _)| target.starts_with(MOUNTS));
    if inside_mounts {
        mount::mount(c"tmpfs", Path::new(MOUNTS), "mode=0755,size=64k,nr_inodes=64", false).step("open /mnt")?;
    }
    for ((target, is_dir), tree) in targets.iter().zip(trees) {
        let shown = make_place(target, *is_dir).and_then(|()| mount::attach(tree, target));
        shown.step(format!("show {}", target.display()))?;
    }
    if inside_mounts {
        mount::restrict(c"/mnt", Attributes::READ_ONLY).step("close /mnt")?;
    }
    let resize = |bytes| mount::resize(Path::new(TMP), &tmp_options(bytes));
    tmp_bytes.map_or(Ok(()), resize).step("resize /tmp")
}

fn change_root(spec: &SandboxSpec, own_proc: bool) -> Result<(), Failure> {
    let stage = Path::new(STAGE);
    let content: usize = spec.files.iter().map(|(_, content)| content.len()).sum();
    let options = format!("mode=0755,nr_inodes=8192,size={}", content + (4 << 20));
    mount::mount(c"tmpfs", stage, &options, false).step("mount the root")?;
    std::env::set_current_dir(stage).step("enter the root")?;
    fs::create_dir("proc").step("make /proc")?;
    if own_proc {
        // While the host's is still there: within a user namespace the kernel only allows what is visible already.
        mount::mount(c"proc", Path::new("proc"), "hidepid=2", false).step("mount /proc")?;
    }
    mount::pivot_into_working_directory().step("pivot the root")
}

fn private_mounts(spec: &SandboxSpec, rights: Rights, tmp: Option<OwnedFd>) -> io::Result<()> {
    let uid = rights.owner(spec.uid);
    let gid = if rights == Rights::Root { spec.uid } else { SANDBOX_GID };
    for (path, bytes, there) in [(TMP, spec.tmp_bytes, tmp), ("/dev/shm", spec.tmp_bytes.min(SHM_BYTES), None)] {
        make_place(Path::new(path), true)?;
        if let Some(there) = there {
            mount::attach(there, Path::new(path))?;
            continue;
        }
        let options = format!("mode=0700,uid={uid},gid={gid},{}", tmp_options(bytes));
        mount::mount(c"tmpfs", Path::new(path), &options, false)?;
    }
    DEVICE_LINKS.into_iter().try_for_each(|(path, to)| make_link(Path::new(path), Path::new(to)))
}

/// An inode costs kernel memory, too: one per page is as many as can hold anything.
fn tmp_options(bytes: u64) -> String {
    format!("size={bytes},nr_inodes={}", (bytes / 4096).max(1024))
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

const SEALED: Attributes = Attributes::READ_ONLY.and(Attributes::NO_SUID).and(Attributes::NO_DEV);

fn seal_proc() -> io::Result<()> {
    mount::restrict(c"/proc", SEALED.and(Attributes::NO_EXEC))
}

fn seal() -> io::Result<()> {
    mount::restrict(c"/", SEALED)
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
