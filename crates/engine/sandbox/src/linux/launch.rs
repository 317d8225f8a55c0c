//! The supervisor's side of building: starts the helper and listens until the sandbox is ready.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::cgroup::Group;
use super::helper::INIT;
use super::instance::Body;
use super::reaper::Reaper;
use super::wire::{self, Answer, BuildRequest};
use crate::{SandboxError, SandboxSpec};

/// Building takes milliseconds; a helper that says nothing for this long never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// A sandbox that waits for its command. Given up unless it is kept: then the reaper takes the body.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) body: Body,
    pub(super) listeners: Vec<TcpListener>,
}

/// Blocks until the sandbox is ready.
pub(super) fn build(
    helper: &Path,
    spec: SandboxSpec,
    group: Option<Box<dyn Group>>,
    reaper: &Reaper,
) -> Result<Built, SandboxError> {
    let remove_group = |group: &Option<Box<dyn Group>>| group.as_ref().map_or(Ok(()), |group| group.remove());
    let (mut child, control) = match start_helper(helper) {
        Ok(started) => started,
        Err(err) => {
            // Nobody can be in it yet.
            drop(remove_group(&group));
            return Err(SandboxError::step("start the helper", err));
        }
    };
    let request = BuildRequest { spec, cgroup: group.as_ref().map(|group| group.membership()) };
    match introduce(&control, &request) {
        Err(err) => {
            dismiss(&mut child);
            drop(remove_group(&group));
            Err(err)
        }
        Ok((pidfd, listeners)) => {
            let body = Body::new(control, pidfd, group);
            let ready = await_ready(body.control());
            dismiss(&mut child);
            match ready {
                Ok(()) => Ok(Built { body, listeners }),
                Err(err) => {
                    reaper.bury(body.into(), None);
                    Err(err)
                }
            }
        }
    }
}

fn start_helper(helper: &Path) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_read_timeout(Some(PATIENCE))?;
    ours.set_write_timeout(Some(PATIENCE))?;
    let child = std::process::Command::new(helper)
        .arg(INIT)
        .env_clear()
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok((child, ours))
}

/// Sends the spec and receives the init and the listeners.
fn introduce(control: &UnixStream, request: &BuildRequest) -> Result<(OwnedFd, Vec<TcpListener>), SandboxError> {
    wire::send(control, request, &[]).map_err(|err| SandboxError::step("send the spec", err))?;
    let (answer, fds) = hear(control)?;
    let mut fds = fds.into_iter();
    match (answer, fds.next()) {
        (Answer::Spawned, Some(pidfd)) => {
            let listeners = fds.map(TcpListener::from).map(non_blocking).collect::<io::Result<_>>();
            Ok((pidfd, listeners.map_err(|err| SandboxError::step("receive the listeners", err))?))
        }
        (answer, _) => Err(unexpected(answer)),
    }
}

fn non_blocking(listener: TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true).map(|()| listener)
}

fn await_ready(control: &UnixStream) -> Result<(), SandboxError> {
    match hear(control)?.0 {
        Answer::Ready => Ok(()),
        answer => Err(unexpected(answer)),
    }
}

fn hear(control: &UnixStream) -> Result<(Answer, Vec<OwnedFd>), SandboxError> {
    wire::receive(control).map_err(|err| match err.kind() {
        io::ErrorKind::UnexpectedEof => SandboxError::Gone,
        _ => SandboxError::step("wait for the sandbox", err),
    })
}

fn unexpected(answer: Answer) -> SandboxError {
    match answer {
        Answer::Failed { step, errno } => SandboxError::step(step, io::Error::from_raw_os_error(errno)),
        _ => SandboxError::Gone,
    }
}

/// The first helper process has nothing left to do; usually it is gone already.
fn dismiss(child: &mut Child) {
    if let Err(err) = child.kill().and_then(|()| child.wait()) {
        tracing::debug!(%err, "a sandbox helper could not be reaped");
    }
}
