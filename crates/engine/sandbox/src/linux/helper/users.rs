//! User namespaces: one for the nursery where it isn't root, and one for each sandbox.
#![expect(clippy::disallowed_methods, reason = "user namespaces are configured and found by files of /proc")]

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;

use super::nursery::Rights;
use crate::linux::sys::creds;
use crate::linux::sys::process::{self, Fork, Pid};
use crate::{SANDBOX_GID, SANDBOX_UID};

/// Enters a user namespace in which this process may do everything, and nobody is anybody else.
pub(super) fn enter_own() -> io::Result<()> {
    let (uid, gid) = creds::effective_ids();
    process::unshare(libc::CLONE_NEWUSER)?;
    write_maps("/proc/self", uid, gid)
}

/// A namespace in which the sandbox's user is `uid` outside. Nobody is in it yet. With root it belongs to that user: what
/// is used up inside (signals that are queued, timers, inotify) is also counted on its owner's account, which all sandboxes
/// and the host's root would share.
pub(super) fn make(rights: Rights, uid: u32, gid: u32) -> io::Result<OwnedFd> {
    let (mut reader, writer) = io::pipe()?;
    let (ready, told) = io::pipe()?;
    match process::fork(false)? {
        Fork::Child => {
            drop((writer, ready));
            let own = if rights == Rights::Root { creds::count_as(uid) } else { Ok(()) };
            let made = own.and_then(|()| process::unshare(libc::CLONE_NEWUSER));
            let said = made.and_then(|()| io::Write::write_all(&mut &told, &[1]));
            // Stays until the namespace is held by somebody else.
            let waited = said.and_then(|()| reader.read(&mut [0]));
            process::exit_now(i32::from(waited.is_err()))
        }
        Fork::Parent(pid) => {
            drop((reader, told));
            let opened = open(pid, ready, uid, gid);
            drop(writer);
            process::wait_for_child(pid)?;
            opened
        }
    }
}

fn open(pid: Pid, mut ready: io::PipeReader, uid: u32, gid: u32) -> io::Result<OwnedFd> {
    ready.read_exact(&mut [0])?;
    let process = format!("/proc/{}", pid.0);
    write_maps(&process, uid, gid)?;
    File::open(format!("{process}/ns/user")).map(OwnedFd::from)
}

fn write_maps(process: &str, uid: u32, gid: u32) -> io::Result<()> {
    std::fs::write(format!("{process}/setgroups"), "deny")?;
    std::fs::write(format!("{process}/uid_map"), format!("{SANDBOX_UID} {uid} 1"))?;
    std::fs::write(format!("{process}/gid_map"), format!("{SANDBOX_GID} {gid} 1"))
}
