//! Background work that is seen: every task has a name, a panic is logged and counted, shutdown waits for it.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use futures_util::FutureExt;
use tokio::sync::{Notify, watch};

/// Told to tasks when the platform is to stop.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when shutdown has been asked for.
    pub async fn requested(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            tracing::debug!("the task group is gone");
        }
    }
}

#[derive(Debug)]
struct Inner {
    stop: watch::Sender<bool>,
    running: AtomicUsize,
    panics: AtomicU64,
    idle: Notify,
}

/// A group of named tasks on the current runtime.
#[derive(Clone, Debug)]
pub struct Tasks(Arc<Inner>);

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

impl Tasks {
    #[must_use]
    pub fn new() -> Self {
        let stop = watch::Sender::new(false);
        Self(Arc::new(Inner { stop, running: AtomicUsize::new(0), panics: AtomicU64::new(0), idle: Notify::new() }))
    }

    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        Shutdown(self.0.stop.subscribe())
    }

    /// Starts `work`. It must end soon after [`Shutdown::requested`].
    #[expect(clippy::disallowed_methods, reason = "this is the seam that the ban protects")]
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let inner = Arc::clone(&self.0);
        inner.running.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                inner.panics.fetch_add(1, Ordering::SeqCst);
                tracing::error!(task = name, "a background task panicked");
            }
            if inner.running.fetch_sub(1, Ordering::SeqCst) == 1 {
                inner.idle.notify_waiters();
            }
        });
    }

    /// How many tasks have panicked since the start; anything but zero is a bug.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.0.panics.load(Ordering::SeqCst)
    }

    /// Counts a panic that was caught elsewhere.
    pub fn count_panic(&self) {
        self.0.panics.fetch_add(1, Ordering::SeqCst);
    }

    /// Asks all tasks to stop and waits until they have.
    pub async fn stop(&self) {
        self.0.stop.send_replace(true);
        loop {
            let idle = self.0.idle.notified();
            if self.0.running.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stop_waits_for_every_task_and_panics_are_counted() {
        let tasks = Tasks::new();
        let mut shutdown = tasks.shutdown();
        tasks.spawn("waits", async move { shutdown.requested().await });
        tasks.spawn("panics", async { panic!("on purpose") });
        tasks.stop().await;
        assert_eq!(tasks.panics(), 1);
    }
}
