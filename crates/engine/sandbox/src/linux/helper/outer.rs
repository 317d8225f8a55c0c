//! First process: leaves the host's namespaces and starts the sandbox's init.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use super::{Failure, Step, inner, network};
use crate::linux::sys::process::{self, Fork, Pid};
use crate::linux::sys::{creds, socket};
use crate::linux::wire::{self, Answer, BuildRequest, Membership};
use crate::{SANDBOX_GID, SANDBOX_UID};

/// All but two: the user namespace comes first without root and last with it, and the mounts stay those of the host for
/// this process, which has yet to write to the host's /proc.
const NAMESPACES: libc::c_int = libc::CLONE_NEWPID | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;

/// Files of the control group, opened while they can still be seen. The kernel judges writes by who opened them.
#[derive(Debug)]
pub(super) struct OpenGroup {
    pub(super) join: Vec<File>,
    pub(super) thaw: (File, String),
}

impl OpenGroup {
    fn open(membership: &Membership) -> io::Result<Self> {
        let open = |path| File::options().write(true).open(path);
        let join = membership.join.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { join, thaw: (open(&membership.thaw.0)?, membership.thaw.1.clone()) })
    }
}

/// How the sandbox's user comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// We are root: mounts belong to the host, and the command gets a user namespace with nothing to own.
    Root,
    /// We are nobody special: everything is done within a user namespace of our own.
    OwnUser,
}

pub(super) fn run(control: &UnixStream) -> Result<(), Failure> {
    let (request, _) = wire::receive::<BuildRequest>(control).step("read the spec")?;
    let group = request.cgroup.as_ref().map(OpenGroup::open).transpose().step("open the control group")?;
    let rights = if creds::is_root() { Rights::Root } else { Rights::OwnUser };
    leave_namespaces(rights)?;
    process::set_hostname(&request.spec.hostname).step("set the host name")?;
    let listeners = network::set_up(&request.spec.listeners)?;
    let (ours, theirs) = UnixStream::pair().step("make a socket pair")?;
    match process::fork(true).step("fork the init")? {
        Fork::Child => {
            // Or the init would wait for ever for its own end, should the outer process die.
            drop(ours);
            inner::run(inner::Setup { control, map: theirs, spec: &request.spec, group, rights })
        }
        Fork::Parent(pid) => {
            drop(theirs);
            introduce(control, pid, &listeners)?;
            answer_map_request(ours, pid, request.spec.uid).step("map the user")
        }
    }
}

fn leave_namespaces(rights: Rights) -> Result<(), Failure> {
    if rights == Rights::OwnUser {
        let (uid, gid) = creds::effective_ids();
        process::unshare(libc::CLONE_NEWUSER).step("make a user namespace")?;
        write_maps("/proc/self", uid, gid).step("map the user")?;
    }
    process::unshare(NAMESPACES).step("make namespaces")
}

/// Hands the init's pidfd and the listeners to the supervisor.
fn introduce(control: &UnixStream, pid: Pid, listeners: &[std::net::TcpListener]) -> Result<(), Failure> {
    let pidfd: OwnedFd = process::pidfd_open(pid).step("open the init")?;
    let fds: Vec<_> = [pidfd.as_fd()].into_iter().chain(listeners.iter().map(AsFd::as_fd)).collect();
    debug_assert!(fds.len() <= socket::MAX_FDS, "checked with the spec");
    wire::send(control, &Answer::Spawned, &fds).step("send the listeners")
}

/// Waits for the init to be in its user namespace and maps its user. A user namespace cannot map itself to another's uid.
fn answer_map_request(mut init: UnixStream, pid: Pid, uid: u32) -> io::Result<()> {
    let mut asked = [0];
    if init.read(&mut asked)? == 0 {
        return Ok(());
    }
    write_maps(&format!("/proc/{}", pid.0), uid, uid)?;
    init.write_all(&asked)
}

#[expect(clippy::disallowed_methods, reason = "user namespaces are configured by files of /proc")]
fn write_maps(process: &str, uid: u32, gid: u32) -> io::Result<()> {
    std::fs::write(format!("{process}/setgroups"), "deny")?;
    std::fs::write(format!("{process}/uid_map"), format!("{SANDBOX_UID} {uid} 1"))?;
    std::fs::write(format!("{process}/gid_map"), format!("{SANDBOX_GID} {gid} 1"))
}
