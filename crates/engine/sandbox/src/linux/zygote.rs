//! A running process that forks itself into sandboxes, as the supervisor sees it.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use super::nursery::{Nursery, PATIENCE, pair};
use super::sys::socket;
use super::wire::{self, ForkRequest, Order};
use crate::{Command, SandboxError, SandboxSpec};

/// What a zygote and its forks say on their sockets when they are ready.
const READY: u8 = b'R';

/// See [`crate::SandboxBackend::zygote`]. Cloning gives another handle; with the last one the process ends.
#[derive(Clone, Debug)]
pub struct Zygote(Arc<Alive>);

#[derive(Debug)]
struct Alive {
    control: Mutex<UnixStream>,
    /// What it prints: pipes, so that its streams are what those of its forks will be. Only read when it doesn't start.
    _output: io::PipeReader,
}

impl Zygote {
    /// Blocks until it is ready, which takes as long as what it loads.
    pub(super) fn start(nursery: &Nursery, spec: SandboxSpec, command: Command) -> Result<Self, SandboxError> {
        spec.validate()?;
        let (control, theirs) = pair()?;
        let (mut output, printed) = io::pipe().map_err(|err| SandboxError::step("make a pipe", err))?;
        nursery.order(&Order::Zygote { spec, command }, &[theirs.as_fd(), printed.as_fd()])?;
        drop((theirs, printed));
        match heard(socket::receive_with_pid(&control)) {
            Ok(_) => Ok(Self(Arc::new(Alive { control: Mutex::new(control), _output: output }))),
            Err(SandboxError::Gone) => Err(last_words(&mut output)),
            Err(err) => Err(err),
        }
    }

    /// Blocks until the fork waits in its seat; answers its number on this host.
    pub(super) fn fork(
        &self,
        request: &ForkRequest,
        seat: &UnixStream,
        fds: &[BorrowedFd<'_>],
    ) -> Result<i32, SandboxError> {
        let control = self.0.control.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = wire::send_json(&control, request, fds);
        drop(control);
        sent.map_err(|err| SandboxError::step("ask the zygote", err))?;
        seat.set_read_timeout(Some(PATIENCE)).map_err(|err| SandboxError::step("wait for the fork", err))?;
        heard(socket::receive_with_pid(seat))
    }
}

/// A seat for a fork: the kernel says for each word that comes over it who sent it.
pub(super) fn seat() -> io::Result<(UnixStream, OwnedFd)> {
    let (ours, theirs) = UnixStream::pair()?;
    socket::pass_credentials(&ours)?;
    Ok((ours, theirs.into()))
}

/// What one that ended instead of getting ready printed last.
fn last_words(output: &mut io::PipeReader) -> SandboxError {
    let mut text = String::new();
    match output.read_to_string(&mut text).map(|_| text.lines().last().map(str::to_owned)) {
        Ok(Some(last)) => SandboxError::Invalid(last),
        _ => SandboxError::Gone,
    }
}

/// Everything but the one byte is what went wrong, in words.
fn heard(told: io::Result<(Vec<u8>, Option<i32>)>) -> Result<i32, SandboxError> {
    match told {
        Ok((word, pid)) if word == [READY] => Ok(pid.unwrap_or(0)),
        Ok((word, _)) if word.is_empty() => Err(SandboxError::Gone),
        Ok((word, _)) => Err(SandboxError::Invalid(String::from_utf8_lossy(&word).into_owned())),
        Err(err) => Err(SandboxError::step("wait for the zygote", err)),
    }
}
