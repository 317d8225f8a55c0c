//! First process of a sandbox: leaves the host's namespaces and starts the sandbox's init.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use super::network::Ends;
use super::nursery::{Nursery, Rights};
use super::{Failure, Step, inner, network, users};
use crate::SANDBOX_GID;
use crate::linux::sys::process::{self, Fork, Pid};
use crate::linux::sys::socket;
use crate::linux::wire::{self, Answer, BuildRequest, Membership};

/// All but two: the user namespace is entered last of all, and the mounts stay those of the nursery for this process.
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

/// `command`: where the waiting command is to listen, if there is to be one. `tmp`: one that is there already.
pub(super) fn run(
    nursery: &Nursery,
    control: &UnixStream,
    (command, tmp): (Option<UnixStream>, Option<OwnedFd>),
    request: &BuildRequest,
) -> Result<(), Failure> {
    let spec = &request.spec;
    let group = request.cgroup.as_ref().map(OpenGroup::open).transpose().step("open the control group")?;
    let user = user(nursery.rights, spec.uid)?;
    process::unshare(NAMESPACES).step("make namespaces")?;
    process::set_hostname(&spec.hostname).step("set the host name")?;
    let ends = network::set_up(spec)?;
    let (gate, opener) = io::pipe().step("make the gate")?;
    match process::fork(true).step("fork the init")? {
        Fork::Child => {
            drop(ends);
            inner::run(inner::Setup { nursery, control, command, tmp, request, group, user, gate, opener })
        }
        Fork::Parent(pid) => introduce(control, pid, (gate.as_fd(), user.as_ref()), &ends),
    }
}

/// The sandbox's user namespace. A host may forbid them even to root; a uid of its own keeps the sandbox apart all the
/// same.
fn user(rights: Rights, uid: u32) -> Result<Option<OwnedFd>, Failure> {
    let gid = if rights == Rights::Root { uid } else { SANDBOX_GID };
    match users::make(rights, rights.owner(uid), gid) {
        Ok(namespace) => Ok(Some(namespace)),
        Err(_) if rights == Rights::Root => Ok(None),
        made => made.map(Some).step("make a user namespace"),
    }
}

/// Hands the init's pidfd, the gate, the user namespace and the ends of its network to the supervisor.
fn introduce(
    control: &UnixStream,
    pid: Pid,
    (gate, user): (std::os::fd::BorrowedFd<'_>, Option<&OwnedFd>),
    Ends { listeners, tunnel }: &Ends,
) -> Result<(), Failure> {
    let pidfd: OwnedFd = process::pidfd_open(pid).step("open the init")?;
    let first = [pidfd.as_fd(), gate].into_iter().chain(user.map(AsFd::as_fd)).chain(tunnel.as_ref().map(AsFd::as_fd));
    let fds: Vec<_> = first.chain(listeners.iter().map(AsFd::as_fd)).collect();
    debug_assert!(fds.len() <= socket::MAX_FDS, "checked with the spec");
    let answer = Answer::Spawned { user_namespace: user.is_some(), tunnel: tunnel.is_some() };
    wire::send(control, &answer, &fds).step("send the listeners")
}
