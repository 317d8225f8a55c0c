//! [`Outbox`]: putting deliveries in, taking them back, and starting who carries them out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};
use updraft_kernel::{BoxFuture, Clock, Rng, Tasks};
use updraft_nodes::Nodes;
use updraft_store::{PutAside, Result, Store, StoreExt, Tx};
use updraft_timers::{Outage, Settles, Timers};

use crate::delivery::{Delivery, Target};
use crate::inspect::{self, Pending, PendingPage};
use crate::keys::{ASIDE, BodyKey, LaneId, SHARDS};
use crate::remember::{FORGETS, Forgets};
use crate::returns::Returns;
use crate::worker;
use crate::{pieces, write};

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
    pub(crate) outage: Outage,
    targets: RwLock<HashMap<&'static str, Arc<dyn Target>>>,
    workers: RwLock<Vec<mpsc::UnboundedSender<SettleRequest>>>,
    /// Orders what one transaction enqueues.
    pub(crate) ordinal: AtomicU64,
    /// Rows put aside by this process.
    unreadable: AtomicU64,
}

impl Shared {
    pub(crate) fn target(&self, kind: &str) -> Option<Arc<dyn Target>> {
        self.targets.read().unwrap_or_else(PoisonError::into_inner).get(kind).cloned()
    }

    pub(crate) fn count_unreadable(&self) {
        self.unreadable.fetch_add(1, Ordering::SeqCst);
    }
}

impl Outbox {
    /// Registers itself with `timers`, which wait for retries.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, timers: Timers, nodes: &Nodes) -> Self {
        let outbox = Self(Arc::new(Shared {
            store,
            clock,
            rng,
            timers,
            nodes: nodes.clone(),
            outage: Outage::default(),
            targets: RwLock::default(),
            workers: RwLock::default(),
            ordinal: AtomicU64::new(0),
            unreadable: AtomicU64::new(0),
        }));
        outbox.0.timers.register(OWNER, Arc::new(Returns(Arc::downgrade(&outbox.0))));
        outbox.0.timers.register(FORGETS, Arc::new(Forgets));
        outbox
    }

    /// Who carries out deliveries of `kind`. All targets register before [`Self::start`].
    pub fn register(&self, kind: &'static str, target: Arc<dyn Target>) {
        self.0.targets.write().unwrap_or_else(PoisonError::into_inner).insert(kind, target);
    }

    /// Delivers when, and only when, `tx` commits. `false`: a delivery of that id is already there, and stays; or one
    /// was delivered lately that asked to be remembered ([`Delivery::dedup_for`]).
    ///
    /// # Errors
    /// If the store fails, or [`TooLarge`](updraft_store::StoreError::TooLarge).
    pub async fn enqueue(&self, tx: &mut Tx, delivery: Delivery) -> Result<bool> {
        write::enqueue(&self.0, tx, delivery).await
    }

    /// Takes a delivery back when `tx` commits. `false`: there is none, so it was carried out or given up, or never
    /// was. An attempt that is under way goes on, and nothing follows from what comes of it.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn cancel(&self, tx: &mut Tx, id: &str) -> Result<bool> {
        let Some(stored) = tx.row(&BodyKey(id)).await? else { return Ok(false) };
        tx.delete_row(&BodyKey(id));
        pieces::remove(tx, id, stored.pieces);
        if stored.waits_until.is_some() {
            self.0.timers.cancel(tx, OWNER, id).await?;
            if stored.delivery.ordering_key.is_some() {
                // It blocks its lane: the lane looks, and finds it gone.
                write::name(&self.0, tx, &LaneId::of(&stored.delivery), id)?;
            }
        }
        Ok(true)
    }

    /// Deliveries that are there, ready or waiting, in order of their ids.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn pending(&self, what: &Pending<'_>, limit: usize) -> Result<PendingPage> {
        inspect::pending(&mut self.0.store.read().await?, what, limit).await
    }

    /// The first of the rows that could not be read, and so were put aside, by any node at any time.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn put_aside(&self, limit: usize) -> Result<Vec<PutAside>> {
        ASIDE.list(&mut self.0.store.read().await?, limit).await
    }

    /// How many rows this process could not read since its start; anything but zero is damage.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.0.unreadable.load(Ordering::SeqCst)
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
    /// Waits for what is ready here and now; what waits for a retry is the timers'. No attempt takes longer than its
    /// target's [`patience`](Target::patience), and a target that took longer isn't waited for again until it answers.
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
