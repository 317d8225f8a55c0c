//! How processes inside end that aren't the sandbox's command.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::{Mutex, OnceCell};

use super::sys::process::{self, Pid};
use crate::ExitStatus;

/// Where somebody writes how a process ended, or closes without a word.
#[derive(Debug)]
pub(super) struct Ending(Mutex<Receiver>);

impl Ending {
    /// Must be called within a tokio runtime.
    pub(super) fn new(pipe: OwnedFd) -> io::Result<Self> {
        Ok(Self(Mutex::new(Receiver::from_owned_fd(pipe)?)))
    }

    /// `None`: whoever knew is gone.
    pub(super) async fn told(&self) -> Option<ExitStatus> {
        let mut word = Vec::new();
        let read = self.0.lock().await.read_to_end(&mut word).await;
        read.ok().and_then(|_| ExitStatus::from_bytes(&word))
    }
}

/// A process that isn't ours nor the init's to wait for.
#[derive(Debug)]
pub(super) struct Forked {
    process: OwnedFd,
    ending: Ending,
    status: OnceCell<ExitStatus>,
}

impl Forked {
    pub(super) fn new(pid: i32, ending: OwnedFd) -> io::Result<Self> {
        Ok(Self { process: process::pidfd_open(Pid(pid))?, ending: Ending::new(ending)?, status: OnceCell::new() })
    }

    pub(super) fn signal(&self, signal: libc::c_int) -> io::Result<()> {
        process::signal(&self.process, signal)
    }

    /// A zygote that dies leaves its forks alive; how they end is then nobody's to tell.
    pub(super) async fn ended(&self) -> ExitStatus {
        let ended = async {
            match self.ending.told().await {
                Some(status) => status,
                None => {
                    self.died().await;
                    ExitStatus::Killed
                }
            }
        };
        *self.status.get_or_init(|| ended).await
    }

    async fn died(&self) {
        let waited = async { process::death_of(&self.process)?.readable().await.map(|mut ready| ready.retain_ready()) };
        if let Err(err) = waited.await {
            tracing::warn!(%err, "a process cannot be waited for");
        }
    }
}
