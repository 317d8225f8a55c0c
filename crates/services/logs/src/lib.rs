//! CloudWatch Logs: what functions print and what clients put, kept in groups and streams, and read again.
//!
//! It must never know who prints, and never make a printer wait for the disk: [`FunctionLogs`] takes lines in memory and
//! writes them soon, [`Logs`] answers AWS's operations and has written what it acknowledged. Start reading at `keys` for
//! what lies where, then `table` for how it comes there and `search` for how it is found, then any file of `ops`.

mod background;
mod delete;
mod errors;
#[doc(hidden)]
pub mod fuzz;
mod groups;
mod keys;
mod legacy;
mod model;
mod ops;
mod queue;
mod search;
mod table;
mod tagged;

use std::fmt;
use std::sync::Arc;

use updraft_kernel::ports::{LogBatch, LogPage, LogQuery, LogsPort};
use updraft_kernel::{AwsError, BoxFuture, Tasks};
use updraft_store::Store;
use updraft_timers::Timers;

use crate::background::{OWNER, Wakes};
use crate::queue::Queue;

/// Who is told of all lines: what looks for metrics in them.
pub type Listener = Arc<dyn Fn(&LogBatch) + Send + Sync>;

/// The service.
pub struct Logs {
    store: Arc<dyn Store>,
    timers: Timers,
    listener: Option<Listener>,
}

impl Logs {
    /// Registers itself with the timers, so: before they start.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, timers: &Timers, listener: Option<Listener>) -> Self {
        timers.register(OWNER, Arc::new(Wakes { timers: timers.clone() }));
        Self { store, timers: timers.clone(), listener }
    }

    fn told(&self, batch: impl FnOnce() -> LogBatch) {
        if let Some(listener) = &self.listener {
            listener(&batch());
        }
    }
}

updraft_api_logs::delegate!(Logs, ops);

/// The house's [`LogsPort`]: lines are queued in memory and written by one task, as relaxed commits.
pub struct FunctionLogs {
    store: Arc<dyn Store>,
    queue: Arc<Queue>,
    listener: Option<Listener>,
}

impl FunctionLogs {
    /// Starts the writer on `tasks`; it writes what is queued before it lets a shutdown go on.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tasks: &Tasks, listener: Option<Listener>) -> Self {
        let queue = Arc::new(Queue::default());
        tasks.spawn("log writer", Arc::clone(&queue).write(Arc::clone(&store), tasks.shutdown()));
        tasks.spawn("log times", legacy::complete(Arc::clone(&store), tasks.shutdown()));
        Self { store, queue, listener }
    }
}

impl LogsPort for FunctionLogs {
    fn append(&self, batch: LogBatch) {
        if let Some(listener) = &self.listener {
            listener(&batch);
        }
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

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").finish_non_exhaustive()
    }
}
