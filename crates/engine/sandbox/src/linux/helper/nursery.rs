//! The process that sandboxes are forked from. It does nothing itself that could take long: whoever orders next would
//! wait for it.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;

use super::filter::Filters;
use super::{Failure, Step, outer, report, root, users, zygote};
use crate::linux::sys::process::{self, Fork};
use crate::linux::sys::{creds, mount};
use crate::linux::wire::{self, Answer, Order};
use crate::{Bind, SANDBOX_UID};

/// How sandboxes come to be on this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// We are root: mounts belong to the host.
    Root,
    /// We are nobody special: everything is done within a user namespace of the nursery's own.
    OwnUser,
}

impl Rights {
    /// The user that a sandbox's files belong to, as those see it who mount them.
    pub(super) fn owner(self, uid: u32) -> u32 {
        match self {
            Self::Root => uid,
            Self::OwnUser => SANDBOX_UID,
        }
    }
}

/// What is made once for all sandboxes.
#[derive(Debug)]
pub(super) struct Nursery {
    pub(super) rights: Rights,
    pub(super) filters: Filters,
}

/// Obeys until the supervisor has gone. Answers the exit code.
pub(super) fn run(control: &UnixStream) -> i32 {
    let Ok(nursery) = settle() else { return 2 };
    while let Ok((order, mut fds)) = wire::receive::<Order>(control) {
        if fds.is_empty() {
            return 2;
        }
        // What comes behind it is another for each order, where there is more.
        let to = UnixStream::from(fds.remove(0));
        match order {
            Order::Build(request) => in_a_fork(control, || {
                let tmp = request.inherits.then(|| fds.pop()).flatten();
                let command = fds.pop().map(UnixStream::from);
                report(&to, outer::run(&nursery, &to, (command, tmp), &request));
            }),
            Order::Zygote { spec, command } => in_a_fork(control, || {
                let second = fds.pop();
                let Err(failure) = zygote::run(&nursery, (&to, second), spec, &command);
                drop((&to).write_all(format!("{}: {}", failure.step, failure.source).as_bytes()));
            }),
            Order::Graft(binds) => drop(report(&to, graft(&to, &binds))),
        }
    }
    0
}

/// A mount namespace of its own, so that sandboxes can be given parts of it; without root, in a user namespace of its own.
fn settle() -> Result<Nursery, Failure> {
    // Ctrl-C on a terminal is for the supervisor, who ends everything in order.
    process::new_session().step("make a session")?;
    let rights = if creds::is_root() { Rights::Root } else { Rights::OwnUser };
    if rights == Rights::OwnUser {
        users::enter_own().step("make a user namespace")?;
        // Or the kernel would not let a zygote in by an init's pidfd. Inits hide again when they give up their privileges.
        creds::show_to_siblings().step("let inits be seen")?;
    }
    process::unshare(libc::CLONE_NEWNS).step("make a mount namespace")?;
    // What the host mounts later is seen here; what is mounted here isn't seen there.
    mount::follow_the_host().step("follow the host's mounts")?;
    process::leave_children_to_the_kernel();
    Ok(Nursery { rights, filters: Filters::new()? })
}

fn in_a_fork(control: &UnixStream, work: impl FnOnce()) {
    match process::fork(false) {
        Ok(Fork::Child) => {
            // Or nobody would notice the nursery's death as long as a sandbox lives.
            process::close_inherited(control);
            let ready = process::reset_signals();
            if ready.is_ok() {
                work();
            }
            process::exit_now(0)
        }
        // The sockets close with this process's copies: the supervisor hears that, and tries again.
        Ok(Fork::Parent(_)) | Err(_) => {}
    }
}

/// Done without a fork: it takes microseconds, and somebody's call waits for it.
fn graft(to: &UnixStream, binds: &[Bind]) -> Result<(), Failure> {
    let (trees, directories) = root::take_grafts(binds)?;
    let fds: Vec<_> = trees.iter().map(std::os::fd::AsFd::as_fd).collect();
    let sent: io::Result<()> = wire::send(to, &Answer::Grafted(directories), &fds);
    sent.step("send the trees")
}
