//! Mounts.
#![expect(unsafe_code, reason = "mount system calls")]

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

use super::{c_string, check};

/// Attributes of a mount; the kernel's `MOUNT_ATTR_*` bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes(u64);

impl Attributes {
    pub(crate) const READ_ONLY: Self = Self(libc::MOUNT_ATTR_RDONLY);
    pub(crate) const NO_SUID: Self = Self(libc::MOUNT_ATTR_NOSUID);
    pub(crate) const NO_DEV: Self = Self(libc::MOUNT_ATTR_NODEV);
    pub(crate) const NO_EXEC: Self = Self(libc::MOUNT_ATTR_NOEXEC);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Mounts a new file system of type `kind` at `target`, never honouring setuid bits or device nodes on it.
pub(crate) fn mount(kind: &CStr, target: &Path, options: &str, read_only: bool) -> io::Result<()> {
    let target = c_string(target.as_os_str())?;
    let options = c_string(options.as_ref())?;
    let flags = libc::MS_NOSUID | libc::MS_NODEV | if read_only { libc::MS_RDONLY } else { 0 };
    // SAFETY: all pointers are to zero-terminated strings that outlive the call.
    check(unsafe { libc::mount(kind.as_ptr(), target.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast()) })
        .map(drop)
}

/// Cuts the propagation of mounts between this namespace and the host's.
pub(crate) fn make_all_private() -> io::Result<()> {
    propagate(libc::MS_PRIVATE)
}

fn propagate(how: libc::c_ulong) -> io::Result<()> {
    let flags = libc::MS_REC | how;
    // SAFETY: the strings are constants; the kernel ignores the null type and data for a propagation change.
    check(unsafe { libc::mount(c"none".as_ptr(), c"/".as_ptr(), std::ptr::null(), flags, std::ptr::null()) }).map(drop)
}

/// Changes the options of the tmpfs at `target`.
pub(crate) fn resize(target: &Path, options: &str) -> io::Result<()> {
    let target = c_string(target.as_os_str())?;
    let options = c_string(options.as_ref())?;
    let flags = libc::MS_REMOUNT | libc::MS_NOSUID | libc::MS_NODEV;
    // SAFETY: all pointers are to zero-terminated strings that outlive the call.
    let done =
        unsafe { libc::mount(c"tmpfs".as_ptr(), target.as_ptr(), c"tmpfs".as_ptr(), flags, options.as_ptr().cast()) };
    check(done).map(drop)
}

/// Mounts of the host come in here from now on, and none go back.
pub(crate) fn follow_the_host() -> io::Result<()> {
    propagate(libc::MS_SLAVE)
}

/// A detached copy of what is mounted at `source`.
pub(crate) fn clone_tree(source: &Path, recursive: bool) -> io::Result<OwnedFd> {
    let path = c_string(source.as_os_str())?;
    let recursive = if recursive { libc::AT_RECURSIVE as libc::c_uint } else { 0 };
    let flags = libc::OPEN_TREE_CLONE | libc::OPEN_TREE_CLOEXEC | recursive;
    // SAFETY: the path is zero-terminated and outlives the call.
    let fd = check(unsafe { libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags) })?;
    // SAFETY: the call has just made this descriptor and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(super::fd_number(fd)?) })
}

/// How much there is in the file system of this tree, in bytes.
pub(crate) fn used(tree: impl AsFd) -> io::Result<u64> {
    let mut found = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the descriptor is open, and `found` has room for the answer.
    check(i64::from(unsafe { libc::fstatvfs(tree.as_fd().as_raw_fd(), found.as_mut_ptr()) }))?;
    // SAFETY: the call has succeeded, so that it has filled it in.
    let found = unsafe { found.assume_init() };
    Ok(found.f_blocks.saturating_sub(found.f_bfree).saturating_mul(found.f_frsize))
}

/// Adds attributes to a detached tree and everything below it.
pub(crate) fn restrict_tree(tree: impl AsFd, attributes: Attributes) -> io::Result<()> {
    set_attributes(tree.as_fd().as_raw_fd(), c"", libc::AT_EMPTY_PATH | libc::AT_RECURSIVE, attributes)
}

/// Adds attributes to the one mount at `path`.
pub(crate) fn restrict(path: &CStr, attributes: Attributes) -> io::Result<()> {
    set_attributes(libc::AT_FDCWD, path, 0, attributes)
}

fn set_attributes(dir: i32, path: &CStr, flags: libc::c_int, attributes: Attributes) -> io::Result<()> {
    let attr = libc::mount_attr { attr_set: attributes.0, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let size = size_of::<libc::mount_attr>();
    // SAFETY: `attr` and `path` outlive the call and `size` is the size of `attr`.
    check(unsafe { libc::syscall(libc::SYS_mount_setattr, dir, path.as_ptr(), flags, &raw const attr, size) }).map(drop)
}

/// Puts a detached tree at `target`.
pub(crate) fn attach(tree: impl AsFd, target: &Path) -> io::Result<()> {
    let target = c_string(target.as_os_str())?;
    let flags = libc::MOVE_MOUNT_F_EMPTY_PATH;
    let from = tree.as_fd().as_raw_fd();
    // SAFETY: both paths are zero-terminated and outlive the call.
    check(unsafe { libc::syscall(libc::SYS_move_mount, from, c"".as_ptr(), libc::AT_FDCWD, target.as_ptr(), flags) })
        .map(drop)
}

/// Makes the working directory, which must be a mount, the root, and lets go of the old root.
pub(crate) fn pivot_into_working_directory() -> io::Result<()> {
    let dot = c".".as_ptr();
    // SAFETY: constant strings. With the same directory twice, the old root is stacked on top of the new one.
    check(unsafe { libc::syscall(libc::SYS_pivot_root, dot, dot) })?;
    // SAFETY: a constant string; this takes the stacked old root away.
    check(unsafe { libc::umount2(dot, libc::MNT_DETACH) })?;
    std::env::set_current_dir("/")
}
