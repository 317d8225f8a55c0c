//! The supervisor's side of building: orders a sandbox and listens until it is ready.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::cgroup::Group;
use super::instance::Body;
use super::nursery::{Nursery, hear, pair, unexpected};
use super::reaper::Reaper;
use super::wire::{Answer, BuildRequest, Order};
use crate::{Occupant, SandboxError, SandboxSpec};

/// A sandbox that waits for its occupant. Given up unless it is kept: then the reaper takes the body.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) body: Body,
    /// Where the waiting command listens, if there is one.
    pub(super) command: Option<UnixStream>,
    pub(super) listeners: Vec<TcpListener>,
    pub(super) tunnel: Option<OwnedFd>,
}

/// What is to be built.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) spec: SandboxSpec,
    pub(super) occupant: Occupant,
    /// Furniture is to come.
    pub(super) open: bool,
    /// A `/tmp` that is there already.
    pub(super) tmp: Option<OwnedFd>,
}

/// What the outer process hands out.
struct Handed {
    init: OwnedFd,
    gate: OwnedFd,
    user: Option<OwnedFd>,
    tunnel: Option<OwnedFd>,
    listeners: Vec<TcpListener>,
}

/// Blocks until the sandbox is ready.
pub(super) fn build(
    nursery: &Nursery,
    plan: Plan,
    group: Option<Arc<dyn Group>>,
    reaper: &Reaper,
) -> Result<Built, SandboxError> {
    match ordered(nursery, plan, group.as_deref()) {
        Err(err) => {
            // Nobody can be in it yet.
            drop(group.map_or(Ok(()), |group| group.remove()));
            Err(err)
        }
        Ok((control, command, Handed { init, gate, user, tunnel, listeners })) => {
            let body = Body::new(control, init, group).entered_by(gate, user);
            match await_ready(body.control(), command.as_ref()) {
                Ok(tmp) => Ok(Built { body: body.with_tmp(tmp), command, listeners, tunnel }),
                Err(err) => {
                    reaper.bury(body.into(), None);
                    Err(err)
                }
            }
        }
    }
}

type Ordered = (UnixStream, Option<UnixStream>, Handed);

/// Sends the order and receives the init. A nursery that has died under the order gets it once more.
fn ordered(nursery: &Nursery, plan: Plan, group: Option<&dyn Group>) -> Result<Ordered, SandboxError> {
    let Plan { spec, occupant, open, tmp } = plan;
    let inherits = tmp.is_some();
    let order = Order::Build(BuildRequest { spec, cgroup: group.map(|group| group.membership()), open, inherits });
    match attempt(nursery, &order, occupant, tmp.as_ref()) {
        Err(SandboxError::Gone) => attempt(nursery, &order, occupant, tmp.as_ref()),
        other => other,
    }
}

fn attempt(
    nursery: &Nursery,
    order: &Order,
    occupant: Occupant,
    tmp: Option<&OwnedFd>,
) -> Result<Ordered, SandboxError> {
    let (control, theirs) = pair()?;
    let command = (occupant == Occupant::Command).then(pair).transpose()?;
    let (command, waiting) = command.unzip();
    let fds = [Some(theirs.as_fd()), waiting.as_ref().map(AsFd::as_fd), tmp.map(AsFd::as_fd)];
    let fds: Vec<_> = fds.into_iter().flatten().collect();
    nursery.order(order, &fds)?;
    drop((theirs, waiting));
    match hear(&control)? {
        (Answer::Spawned { user_namespace, tunnel }, fds) => {
            Ok((control, command, handed(fds, user_namespace, tunnel)?))
        }
        (answer, _) => Err(unexpected(answer)),
    }
}

fn handed(fds: Vec<OwnedFd>, user_namespace: bool, tunnel: bool) -> Result<Handed, SandboxError> {
    let mut fds = fds.into_iter();
    let (Some(init), Some(gate)) = (fds.next(), fds.next()) else { return Err(SandboxError::Gone) };
    let user = user_namespace.then(|| fds.next()).flatten();
    let tunnel = tunnel.then(|| fds.next()).flatten();
    let listeners = fds.map(TcpListener::from).map(non_blocking).collect::<io::Result<_>>();
    let listeners = listeners.map_err(|err| SandboxError::step("receive the listeners", err))?;
    Ok(Handed { init, gate, user, tunnel, listeners })
}

fn non_blocking(listener: TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true).map(|()| listener)
}

/// The last to be ready is the command, where there is one. If it never was, the init says why. Answers `/tmp`.
fn await_ready(control: &UnixStream, command: Option<&UnixStream>) -> Result<Option<OwnedFd>, SandboxError> {
    let told = match command.map(hear) {
        None | Some(Err(SandboxError::Gone)) => hear(control)?,
        Some(told) => told?,
    };
    let (answer, mut fds) = told;
    match answer {
        Answer::Ready => Ok(fds.pop()),
        answer => Err(unexpected(answer)),
    }
}
