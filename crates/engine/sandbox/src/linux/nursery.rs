//! The supervisor's side of the nursery: starts it when it is first needed, and again when it has died.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use std::sync::{Mutex, PoisonError};

use super::helper::{NURSERY, take_grafts};
use super::sys::creds;
use super::wire::{self, Answer, Order};
use crate::{Bind, SandboxError};

/// Building takes milliseconds; a helper that says nothing for this long never will.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
struct Running {
    process: Child,
    control: UnixStream,
}

/// The helper process that sandboxes are forked from.
#[derive(Debug)]
pub(super) struct Nursery {
    helper: PathBuf,
    running: Mutex<Option<Running>>,
}

impl Nursery {
    pub(super) fn new(helper: PathBuf) -> Self {
        Self { helper, running: Mutex::new(None) }
    }

    /// Hands an order over. What comes of it is heard on the sockets that go with it.
    pub(super) fn order(&self, order: &Order, fds: &[BorrowedFd<'_>]) -> Result<(), SandboxError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nursery) = &*running {
            match wire::send(&nursery.control, order, fds) {
                // It has died; whoever killed it may have meant well.
                Err(err) if err.kind() == io::ErrorKind::BrokenPipe => bury(running.take()),
                sent => return sent.map_err(|err| SandboxError::step("send an order", err)),
            }
        }
        let started = start(&self.helper).map_err(|err| SandboxError::step("start the helper", err))?;
        let nursery = running.insert(started);
        wire::send(&nursery.control, order, fds).map_err(|err| SandboxError::step("send an order", err))
    }

    /// Detached, restricted copies of these parts of the host's tree, and whether they are directories.
    pub(super) fn grafts(&self, binds: &[Bind]) -> Result<(Vec<OwnedFd>, Vec<bool>), SandboxError> {
        if binds.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        if creds::is_root() {
            return take_grafts(binds).map_err(|failure| SandboxError::step(failure.step, failure.source));
        }
        let (ours, theirs) = pair()?;
        self.order(&Order::Graft(binds.to_vec()), &[theirs.as_fd()])?;
        drop(theirs);
        match hear(&ours)? {
            (Answer::Grafted(directories), trees) => Ok((trees, directories)),
            (answer, _) => Err(unexpected(answer)),
        }
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        bury(self.running.get_mut().unwrap_or_else(PoisonError::into_inner).take());
    }
}

fn start(helper: &PathBuf) -> io::Result<Running> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_write_timeout(Some(PATIENCE))?;
    let process = Command::new(helper)
        .arg(NURSERY)
        .env_clear()
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(Running { process, control: ours })
}

/// It ends by itself when its socket closes; killing it as well is for one that can't any more.
fn bury(running: Option<Running>) {
    let Some(Running { mut process, control }) = running else { return };
    drop(control);
    if let Err(err) = process.kill().and_then(|()| process.wait()) {
        tracing::debug!(%err, "a sandbox helper could not be reaped");
    }
}

/// A socket for one conversation, and its other end.
pub(super) fn pair() -> Result<(UnixStream, UnixStream), SandboxError> {
    let made = UnixStream::pair().and_then(|(ours, theirs)| {
        ours.set_read_timeout(Some(PATIENCE))?;
        ours.set_write_timeout(Some(PATIENCE))?;
        Ok((ours, theirs))
    });
    made.map_err(|err| SandboxError::step("make a socket pair", err))
}

pub(super) fn hear(from: &UnixStream) -> Result<(Answer, Vec<OwnedFd>), SandboxError> {
    wire::receive(from).map_err(|err| match err.kind() {
        io::ErrorKind::UnexpectedEof => SandboxError::Gone,
        _ => SandboxError::step("wait for the sandbox", err),
    })
}

pub(super) fn unexpected(answer: Answer) -> SandboxError {
    match answer {
        Answer::Failed { step, errno } => SandboxError::step(step, io::Error::from_raw_os_error(errno)),
        _ => SandboxError::Gone,
    }
}
