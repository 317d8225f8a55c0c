//! Between printing and the disk: a bounded queue, written by one task.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use updraft_kernel::Shutdown;
use updraft_kernel::ports::{LogBatch, LogLine};
use updraft_store::Store;

use crate::table;

/// What may wait in memory, in bytes of text; what comes beyond it is counted and dropped.
const LIMIT: usize = 32 << 20;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    batches: Vec<LogBatch>,
    bytes: usize,
    dropped: usize,
}

impl Queue {
    pub(crate) fn push(&self, mut batch: LogBatch) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = batch.lines.iter().map(|line| line.message.len()).sum();
        if waiting.bytes.saturating_add(bytes) > LIMIT {
            waiting.dropped += batch.lines.len();
            return;
        }
        // Never silently lossy: the first batch that fits again says what is missing before it.
        if let (Some(first), true) = (batch.lines.first(), waiting.dropped > 0) {
            let message = format!("updraft dropped {} lines here: they came faster than the disk", waiting.dropped);
            batch.lines.insert(0, LogLine { at: first.at, message });
            waiting.dropped = 0;
        }
        waiting.bytes += bytes;
        waiting.batches.push(batch);
        drop(waiting);
        self.filled.notify_one();
    }

    fn take(&self) -> Vec<LogBatch> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes = 0;
        std::mem::take(&mut waiting.batches)
    }

    /// Writes what comes, until shutdown; then what is left.
    pub(crate) async fn write(self: Arc<Self>, store: Arc<dyn Store>, mut shutdown: Shutdown) {
        loop {
            let batches = self.take();
            if !batches.is_empty() {
                if let Err(err) = table::append(&*store, batches).await {
                    tracing::error!(error = %err, "function logs could not be written");
                }
                continue;
            }
            if shutdown.is_requested() {
                return;
            }
            tokio::select! {
                () = self.filled.notified() => {}
                () = shutdown.requested() => {}
            }
        }
    }
}
