//! Handing lines on to the log store in batches, away from invocations.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use updraft_kernel::ports::LogsPort;
use updraft_kernel::{Clock, Shutdown};

use super::instance::InstanceLog;

/// Collects the logs that have something to hand on.
#[derive(Debug)]
pub(crate) struct LogSink {
    port: Arc<dyn LogsPort>,
    dirty: Mutex<Vec<Arc<InstanceLog>>>,
    wake: Notify,
}

impl LogSink {
    pub(crate) fn new(port: Arc<dyn LogsPort>) -> Self {
        Self { port, dirty: Mutex::new(Vec::new()), wake: Notify::new() }
    }

    /// This log has lines; they are handed on soon.
    pub(crate) fn announce(&self, log: Arc<InstanceLog>) {
        self.dirty.lock().push(log);
        self.wake.notify_one();
    }

    /// Hands on everything that was announced.
    pub(crate) fn flush(&self) {
        let logs = std::mem::take(&mut *self.dirty.lock());
        for log in logs {
            if let Some(batch) = log.take_batch() {
                self.port.append(batch);
            }
        }
    }

    /// Flushes every `pause` while there is something to flush, until shutdown.
    pub(crate) async fn run(self: Arc<Self>, clock: Arc<dyn Clock>, pause: Duration, mut shutdown: Shutdown) {
        loop {
            tokio::select! {
                () = self.wake.notified() => {}
                () = shutdown.requested() => break,
            }
            tokio::select! {
                () = clock.pause(pause) => {}
                () = shutdown.requested() => break,
            }
            self.flush();
        }
        self.flush();
    }
}
