//! What functions print, kept and read again: the beginning of CloudWatch Logs, without its API yet.
//!
//! It must never know who prints, and never make a printer wait for the disk. Start reading at [`FunctionLogs`].

mod keys;
mod queue;
mod table;

use std::fmt;
use std::sync::Arc;

use updraft_kernel::ports::{LogBatch, LogPage, LogQuery, LogsPort};
use updraft_kernel::{AwsError, BoxFuture, Tasks};
use updraft_store::Store;

use crate::queue::Queue;

/// The house's [`LogsPort`]: lines are queued in memory and written by one task, as relaxed commits.
pub struct FunctionLogs {
    store: Arc<dyn Store>,
    queue: Arc<Queue>,
}

impl FunctionLogs {
    /// Starts the writer on `tasks`; it writes what is queued before it lets a shutdown go on.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tasks: &Tasks) -> Self {
        let queue = Arc::new(Queue::default());
        tasks.spawn("log writer", Arc::clone(&queue).write(Arc::clone(&store), tasks.shutdown()));
        Self { store, queue }
    }
}

impl LogsPort for FunctionLogs {
    fn append(&self, batch: LogBatch) {
        self.queue.push(batch);
    }

    fn read<'a>(&'a self, query: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        Box::pin(table::page(&*self.store, query))
    }

    fn changed(&self, query: &LogQuery) -> BoxFuture<'static, ()> {
        let mut watch = self.store.watch(table::topic(query));
        Box::pin(async move { watch.changed().await })
    }
}

impl fmt::Debug for FunctionLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionLogs").finish_non_exhaustive()
    }
}
