//! [`Outbox`]: putting deliveries in, and starting who carries them out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};
use updraft_kernel::{BoxFuture, Clock, Rng, Tasks, UnixMillis};
use updraft_nodes::Nodes;
use updraft_store::{Result, Store, Tx, encode_row};
use updraft_timers::{FireError, Settles, Timer, TimerOwner, Timers};

use crate::delivery::{Delivery, Target};
use crate::keys::{BodyKey, LaneId, SHARDS, Stored, log_prefix, log_suffix, topic};
use crate::worker;

/// Whose timers retries are.
pub(crate) const OWNER: &str = "delivery";

/// Asks a worker to answer when it has nothing more to do: whether it had.
pub(crate) type SettleRequest = oneshot::Sender<bool>;

/// The durable outbox. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbox(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) timers: Timers,
    pub(crate) nodes: Nodes,
    targets: RwLock<HashMap<&'static str, Arc<dyn Target>>>,
    workers: RwLock<Vec<mpsc::UnboundedSender<SettleRequest>>>,
    /// Orders what one transaction enqueues.
    ordinal: AtomicU64,
}

impl Shared {
    pub(crate) fn target(&self, kind: &str) -> Option<Arc<dyn Target>> {
        self.targets.read().unwrap_or_else(PoisonError::into_inner).get(kind).cloned()
    }
}

impl Outbox {
    /// Registers itself with `timers`, which wait for retries.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, timers: Timers, nodes: &Nodes) -> Self {
        let nodes = nodes.clone();
        let (targets, workers, ordinal) = (RwLock::default(), RwLock::default(), AtomicU64::new(0));
        let outbox = Self(Arc::new(Shared { store, clock, rng, timers, nodes, targets, workers, ordinal }));
        outbox.0.timers.register(OWNER, Arc::new(Retries(Arc::downgrade(&outbox.0))));
        outbox
    }

    /// Who carries out deliveries of `kind`. All targets register before [`Self::start`].
    pub fn register(&self, kind: &'static str, target: Arc<dyn Target>) {
        self.0.targets.write().unwrap_or_else(PoisonError::into_inner).insert(kind, target);
    }

    /// Delivers when, and only when, `tx` commits. `false`: a delivery of that id is already there, and stays.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn enqueue(&self, tx: &mut Tx, delivery: Delivery) -> Result<bool> {
        if tx.row(&BodyKey(&delivery.id)).await?.is_some() {
            return Ok(false);
        }
        write_ready(&self.0, tx, delivery)?;
        Ok(true)
    }

    /// Carries out deliveries until shutdown, those that a former process left first.
    pub fn start(&self, tasks: &Tasks) {
        let mut workers = self.0.workers.write().unwrap_or_else(PoisonError::into_inner);
        for shard in 0..SHARDS {
            let (sender, requests) = mpsc::unbounded_channel();
            workers.push(sender);
            tasks.spawn("delivery", worker::run(Arc::clone(&self.0), shard, requests, tasks.shutdown()));
        }
    }
}

impl Settles for Outbox {
    /// Waits for what is ready here and now; what waits for a retry is the timers'.
    fn settle(&self) -> BoxFuture<'_, bool> {
        let workers = self.0.workers.read().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move {
            let answers = join_all(workers.iter().map(ask)).await;
            answers.into_iter().any(|worked| worked)
        })
    }
}

async fn ask(worker: &mpsc::UnboundedSender<SettleRequest>) -> bool {
    let (answer, worked) = oneshot::channel();
    // A worker that has stopped has nothing to do.
    worker.send(answer).is_ok() && worked.await.unwrap_or(false)
}

/// Puts a new delivery in, ready.
pub(crate) fn write_ready(shared: &Shared, tx: &mut Tx, delivery: Delivery) -> Result<()> {
    let stored = Stored { delivery, enqueued: shared.clock.now(), attempts: 0, waiting: false };
    log(shared, tx, &stored)
}

/// Writes the delivery and names it at the end of its log.
fn log(shared: &Shared, tx: &mut Tx, stored: &Stored) -> Result<()> {
    let id = &stored.delivery.id;
    tx.put_row(&BodyKey(id), stored)?;
    let lane = LaneId::of(&stored.delivery);
    let shard = lane.shard();
    let suffix = log_suffix(shared.ordinal.fetch_add(1, Ordering::SeqCst), id);
    tx.raw().put_versioned(log_prefix(shard), suffix, encode_row(&lane)?);
    tx.touch(topic(shard));
    Ok(())
}

type Fired = std::result::Result<(), FireError>;

/// Brings a delivery back when its pause is over.
#[derive(Debug)]
struct Retries(std::sync::Weak<Shared>);

impl TimerOwner for Retries {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Fired> {
        Box::pin(async move {
            let Some(shared) = self.0.upgrade() else { return Err(FireError::Other("the outbox is gone".to_owned())) };
            if let Some(stored) = tx.row(&BodyKey(&timer.id)).await? {
                log(&shared, tx, &Stored { waiting: false, ..stored })?;
            }
            Ok(())
        })
    }
}
