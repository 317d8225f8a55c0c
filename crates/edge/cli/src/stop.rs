//! Ctrl-C and its kin, for commands that have something to put in order first.

use anyhow::{Context, Result};
use futures_util::FutureExt;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end a command. From now on they don't by themselves.
#[derive(Debug)]
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
    /// The terminal has gone.
    hang_up: Signal,
}

impl Stop {
    pub(crate) fn listen() -> Result<Self> {
        let caught = |kind| signal(kind).context("signals can't be waited for");
        Ok(Self {
            interrupt: caught(SignalKind::interrupt())?,
            terminate: caught(SignalKind::terminate())?,
            hang_up: caught(SignalKind::hangup())?,
        })
    }

    /// Completes when one came.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }

    /// Whether one came: for work that must not be cut in the middle.
    pub(crate) fn is_asked(&mut self) -> bool {
        self.asked().now_or_never().is_some()
    }
}
