//! Between measuring and the disk: values are added up in memory and written every few seconds by one task.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use updraft_kernel::ports::{MetricBatch, MetricsPort};
use updraft_kernel::{AccountId, BoxFuture, Clock, Shutdown};
use updraft_store::{Result, Store, run};
use updraft_timers::Timers;

use crate::model::additions::{Addition, Additions, RowId, Sample};
use crate::model::series::Scope;
use crate::table;

/// How long (in real time) values wait to be written; what a killed process loses at most.
const EVERY: Duration = Duration::from_secs(5);

/// So many batches are added up at once, so that they don't fill the memory until they are written.
const FOLD: usize = 256;

/// What may wait to be added up. The adding comes behind only if the processor is taken by others altogether.
const MOST_BATCHES: usize = 64 << 10;

/// Rows that may wait to be written, if the store takes none.
const MOST_ROWS: usize = 100_000;

/// Rows in one transaction.
const PORTION: usize = 500;

/// Keeps what services measure, and makes none of them wait.
#[derive(Debug)]
pub(crate) struct Recorder {
    store: Arc<dyn Store>,
    timers: Timers,
    /// Whose rows this process adds to, so that nodes don't conflict. Two that have the same one only do sometimes.
    shard: u8,
    queue: Mutex<Queue>,
    sums: Mutex<Additions>,
    /// One at a time writes.
    writing: tokio::sync::Mutex<()>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    batches: Vec<MetricBatch>,
    /// The task knows that there is something, and will write it.
    announced: bool,
    dropped: usize,
}

impl Recorder {
    pub(crate) fn new(store: Arc<dyn Store>, timers: Timers, shard: u8) -> Self {
        let (queue, sums, writing, filled) = Default::default();
        Self { store, timers, shard, queue, sums, writing, filled }
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sums(&self) -> std::sync::MutexGuard<'_, Additions> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Values that aren't a service's own; as soon and as safe as those.
    pub(crate) fn add(&self, scope: &Scope, samples: Vec<Sample>) {
        let mut sums = self.sums();
        samples.into_iter().for_each(|sample| sums.add(scope, sample));
        drop(sums);
        let announced = std::mem::replace(&mut self.queue().announced, true);
        if !announced {
            self.filled.notify_one();
        }
    }

    /// Adds up what is queued.
    fn fold(&self) {
        let (batches, dropped) = {
            let mut queue = self.queue();
            (std::mem::take(&mut queue.batches), std::mem::take(&mut queue.dropped))
        };
        if dropped > 0 {
            tracing::error!(dropped, "metrics were dropped: they came faster than they could be added up");
        }
        let mut sums = self.sums();
        batches.iter().for_each(|batch| sums.add_batch(batch));
    }

    /// Everything told so far can be read once this has answered.
    ///
    /// # Errors
    /// If the store fails; nothing is lost by that yet.
    pub(crate) async fn flush(&self) -> Result<()> {
        let _one = self.writing.lock().await;
        self.queue().announced = false;
        self.fold();
        let mut rest = self.sums().take();
        while !rest.is_empty() {
            let behind = rest.split_off(rest.len().min(PORTION));
            if let Err(err) = self.write(&rest).await {
                rest.extend(behind);
                self.put_back(rest);
                return Err(err);
            }
            rest = behind;
        }
        Ok(())
    }

    async fn write(&self, portion: &[(RowId, Addition)]) -> Result<()> {
        run(&*self.store, async |mut tx| {
            table::add(&mut tx, &self.timers, self.shard, portion).await?;
            // What was measured is no acknowledged state: it may be lost with the power, so it doesn't force a sync.
            tx.commit_relaxed().await.map(drop)
        })
        .await
    }

    fn put_back(&self, rest: Vec<(RowId, Addition)>) {
        let mut sums = self.sums();
        sums.put_back(rest);
        if sums.len() > MOST_ROWS {
            tracing::error!(rows = sums.len(), "metrics were dropped: the store hasn't taken any for long");
            sums.retain(|_| false);
        }
    }

    /// Forgets what isn't written yet, of an account or of all.
    pub(crate) fn forget(&self, account: Option<&AccountId>) {
        self.fold();
        self.sums().retain(|scope| account.is_some_and(|account| scope.account != *account));
    }

    /// Writes what comes, until shutdown; then what is left.
    pub(crate) async fn work(self: Arc<Self>, clock: Arc<dyn Clock>, mut shutdown: Shutdown) {
        let mut due: Option<BoxFuture<'static, ()>> = None;
        while !shutdown.is_requested() {
            let wait = async {
                match &mut due {
                    Some(due) => due.await,
                    None => std::future::pending().await,
                }
            };
            let write = tokio::select! {
                () = shutdown.requested() => break,
                () = wait => true,
                () = self.filled.notified() => false,
            };
            if write {
                due = None;
                self.written().await;
            } else {
                self.fold();
            }
            // Also where writing has failed: it is tried again.
            if due.is_none() && (!write || self.sums().len() > 0) {
                due = Some(clock.pause(EVERY));
            }
        }
        self.written().await;
    }

    async fn written(&self) {
        if let Err(err) = self.flush().await {
            tracing::error!(error = %err, "metrics could not be written; trying again");
        }
    }
}

impl MetricsPort for Recorder {
    fn record(&self, batch: MetricBatch) {
        let mut queue = self.queue();
        if queue.batches.len() >= MOST_BATCHES {
            queue.dropped += 1;
            return;
        }
        queue.batches.push(batch);
        let wake = !std::mem::replace(&mut queue.announced, true) || queue.batches.len().is_multiple_of(FOLD);
        drop(queue);
        if wake {
            self.filled.notify_one();
        }
    }
}
