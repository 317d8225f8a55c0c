//! One living sandbox, as the supervisor sees it.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::OnceCell;

use super::cgroup::Group;
use super::launch::Built;
use super::reaper::Reaper;
use super::sys::process;
use super::wire::{self, Answer, StartRequest};
use super::{CONTINUE_ALL, STOP_ALL};
use crate::{Command, ExitReason, ExitStatus, Level, Sandbox, SandboxError, Stdio};

/// What has to be taken away when a sandbox ends.
#[derive(Debug)]
pub(super) struct Body {
    control: UnixStream,
    /// The sandbox's init: with it, everything inside dies.
    init: OwnedFd,
    group: Option<Box<dyn Group>>,
}

impl Body {
    pub(super) fn new(control: UnixStream, init: OwnedFd, group: Option<Box<dyn Group>>) -> Self {
        Self { control, init, group }
    }

    pub(super) fn control(&self) -> &UnixStream {
        &self.control
    }

    pub(super) fn init(&self) -> &OwnedFd {
        &self.init
    }

    pub(super) fn group(&self) -> Option<&dyn Group> {
        self.group.as_deref()
    }

    /// First the signal, then the thaw: so frozen processes die without running another instruction.
    pub(super) fn kill(&self) {
        let killed = match process::signal(&self.init, libc::SIGKILL) {
            Err(err) if err.raw_os_error() != Some(libc::ESRCH) => Err(err),
            _ => self.group().map_or(Ok(()), Group::thaw),
        };
        if let Err(err) = killed {
            tracing::warn!(%err, "a sandbox could not be killed");
        }
    }

    /// How the command ended, once the init is dead: its last words are in the socket, if there were any.
    fn last_words(&self) -> ExitStatus {
        while let Ok((answer, _)) = wire::receive::<Answer>(&self.control) {
            if let Answer::Exited(status) = answer {
                return status;
            }
        }
        ExitStatus::Killed
    }
}

/// A sandbox made of processes.
#[derive(Debug)]
pub(super) struct ProcessSandbox {
    body: Arc<Body>,
    listeners: Vec<TcpListener>,
    level: Level,
    /// Host user that owns the command's output pipes, so that `/dev/stdout` can be opened by name inside.
    uid: u32,
    started: bool,
    /// Burying twice could hit the groups of a new sandbox of the same name.
    buried: bool,
    exit: OnceCell<ExitReason>,
    reaper: Reaper,
}

impl ProcessSandbox {
    pub(super) fn new(built: Built, level: Level, uid: u32, reaper: Reaper) -> Self {
        let Built { body, listeners } = built;
        Self {
            body: Arc::new(body),
            listeners,
            level,
            uid,
            started: false,
            buried: false,
            exit: OnceCell::new(),
            reaper,
        }
    }

    async fn await_exit(&self) -> ExitReason {
        if let Err(err) = await_death(self.body.init()).await {
            tracing::error!(%err, "a sandbox cannot be waited for and is killed");
            self.body.kill();
        }
        let oom_killed = self.body.group().is_some_and(Group::oom_killed);
        ExitReason { status: self.body.last_words(), oom_killed }
    }

    fn pipe(&self) -> io::Result<(Receiver, OwnedFd)> {
        let (reader, writer) = io::pipe()?;
        // Without root there is one user only, who owns the pipe already.
        drop(std::os::unix::fs::fchown(&writer, Some(self.uid), Some(self.uid)));
        Ok((Receiver::from_owned_fd(reader.into())?, writer.into()))
    }

    fn stop_or_continue(&self, signal: libc::c_int) -> io::Result<()> {
        process::signal(self.body.init(), signal)
    }
}

/// Waits for the init's death and reaps it.
async fn await_death(init: &OwnedFd) -> io::Result<()> {
    process::death_of(init)?.readable().await?.retain_ready();
    match process::reap(init) {
        // The reaper was faster.
        Err(err) if err.raw_os_error() != Some(libc::ECHILD) => Err(err),
        _ => Ok(()),
    }
}

impl Sandbox for ProcessSandbox {
    fn listeners(&mut self) -> Vec<TcpListener> {
        std::mem::take(&mut self.listeners)
    }

    fn start(&mut self, command: Command) -> Result<Stdio, SandboxError> {
        if std::mem::replace(&mut self.started, true) {
            return Err(SandboxError::AlreadyStarted);
        }
        let failed = |err| SandboxError::step("make output pipes", err);
        let (stdout, out) = self.pipe().map_err(failed)?;
        let (stderr, err) = self.pipe().map_err(failed)?;
        match wire::send(self.body.control(), &StartRequest { command }, &[out.as_fd(), err.as_fd()]) {
            Ok(()) => Ok(Stdio { stdout, stderr }),
            Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Err(SandboxError::Gone),
            Err(err) => Err(SandboxError::step("send the command", err)),
        }
    }

    fn freeze(&self) -> Result<(), SandboxError> {
        let frozen = self.body.group().map_or_else(|| self.stop_or_continue(STOP_ALL), Group::freeze);
        frozen.map_err(|err| SandboxError::step("freeze", err))
    }

    fn thaw(&self) -> Result<(), SandboxError> {
        let thawed = self.body.group().map_or_else(|| self.stop_or_continue(CONTINUE_ALL), Group::thaw);
        thawed.map_err(|err| SandboxError::step("thaw", err))
    }

    fn set_cpu(&self, millis: Option<u32>) -> Result<(), SandboxError> {
        let set = self.body.group().map_or(Ok(()), |group| group.set_cpu(millis));
        set.map_err(|err| SandboxError::step("set the processor quota", err))
    }

    fn kill(&self) {
        self.body.kill();
    }

    fn wait(&self) -> BoxFuture<'_, ExitReason> {
        async { *self.exit.get_or_init(|| self.await_exit()).await }.boxed()
    }

    fn peak_memory(&self) -> Option<u64> {
        self.body.group()?.peak_memory()
    }

    fn reset_peak(&self) {
        if let Some(Err(err)) = self.body.group().map(Group::reset_peak) {
            tracing::debug!(%err, "the memory peak was not reset");
        }
    }

    fn level(&self) -> Level {
        self.level
    }

    fn destroy(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        let (done, destroyed) = tokio::sync::oneshot::channel();
        self.buried = true;
        self.reaper.bury(Arc::clone(&self.body), Some(done));
        async {
            if destroyed.await.is_err() {
                tracing::debug!("the reaper is gone");
            }
        }
        .boxed()
    }
}

impl Drop for ProcessSandbox {
    fn drop(&mut self) {
        if !self.buried {
            self.reaper.bury(Arc::clone(&self.body), None);
        }
    }
}
