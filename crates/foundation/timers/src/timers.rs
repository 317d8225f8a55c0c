//! [`Timers`]: scheduling, cancelling, and running what is due.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::{join_all, try_join_all};
use tokio::sync::{RwLock, RwLockWriteGuard};
use updraft_kernel::{Clock, Tasks, UnixMillis};
use updraft_nodes::Nodes;
use updraft_store::{PutAside, Result, Store, StoreError, StoreExt, Tx};

use crate::aside;
use crate::bucket::{Bucket, bucket_of};
use crate::drain::{self, First};
use crate::keys::{ASIDE, ByIdKey, DueKey, Timer};
use crate::owner::{Owners, TimerOwner};
use crate::patience::Outage;
use crate::runner;

/// What is to be scheduled.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// A registered owner.
    pub owner: &'static str,
    /// Unique within the owner; a timer of the same id is replaced.
    pub id: String,
    /// A moment already past means now.
    pub due: UnixMillis,
    /// For the owner, uninterpreted.
    pub payload: Vec<u8>,
}

/// The wheel: every durable timer of the platform. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Timers(Arc<Wheel>);

#[derive(Debug)]
pub(crate) struct Wheel {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) owners: Owners,
    pub(crate) buckets: Vec<Bucket>,
    /// Written while the clock is moved step by step, which keeps the runners from waking at each step.
    pub(crate) steps: RwLock<()>,
    pub(crate) outage: Outage,
    /// Timers put aside by this process.
    pub(crate) unreadable: AtomicU64,
}

impl Timers {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, nodes: &Nodes) -> Self {
        Self(Arc::new(Wheel {
            store,
            clock,
            owners: Owners::default(),
            buckets: Bucket::all(nodes),
            steps: RwLock::new(()),
            outage: Outage::default(),
            unreadable: AtomicU64::new(0),
        }))
    }

    /// Who is called for timers of `name`. All owners register before [`Self::start`].
    pub fn register(&self, name: &'static str, owner: Arc<dyn TimerOwner>) {
        self.0.owners.register(name, owner);
    }

    /// Schedules a timer when, and only when, `tx` commits. Replaces one of the same owner and id.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn schedule(&self, tx: &mut Tx, what: Schedule) -> Result<()> {
        let Schedule { owner, id, due, payload } = what;
        self.cancel(tx, owner, &id).await?;
        // Not before what is due already: what comes late waits its turn.
        let at = due.max(self.0.clock.now());
        let timer = Timer { owner: owner.to_owned(), id, payload, due, failures: 0 };
        drain::place(tx, at, &timer)
    }

    /// Removes a timer when `tx` commits. `false`: there was none, so it has fired, or never was.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn cancel(&self, tx: &mut Tx, owner: &str, id: &str) -> Result<bool> {
        let by_id = ByIdKey { owner, id };
        let at = match tx.row(&by_id).await {
            Ok(place) => place.map(|place| place.at),
            Err(StoreError::Corrupt { .. }) => {
                tx.delete_row(&by_id);
                aside::search(tx, owner, id).await?
            }
            Err(err) => return Err(err),
        };
        let Some(at) = at else { return Ok(false) };
        tx.delete_row(&DueKey { bucket: bucket_of(owner, id), at, owner, id });
        tx.delete_row(&by_id);
        Ok(true)
    }

    /// Runs the wheel until shutdown: one task per bucket.
    pub fn start(&self, tasks: &Tasks) {
        for number in 0..self.0.buckets.len() {
            tasks.spawn("timers", runner::run(Arc::clone(&self.0), number, tasks.shutdown()));
        }
    }

    /// Fires what is due now in the buckets that this node has. Returns how many timers fired.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn run_due(&self) -> Result<usize> {
        // To the end in each, also where one fails: a drain that is dropped half-way tells nobody what it fired.
        let drained = join_all(self.0.buckets.iter().map(|bucket| drain::drain(&self.0, bucket))).await;
        drained.into_iter().try_fold(0, |fired, one| Ok(fired + one?.fired))
    }

    /// When the next timer is due, of all nodes'. It may be past.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn next_due(&self) -> Result<Option<UnixMillis>> {
        let firsts = try_join_all(self.0.buckets.iter().map(|bucket| drain::first(&self.0, bucket.number))).await?;
        let moment = |first| match first {
            First::Nothing => None,
            First::At(at) => Some(at),
            // Whoever has the bucket puts it aside at its next look.
            First::Unreadable(_) => Some(UnixMillis(i64::MIN)),
        };
        Ok(firsts.into_iter().filter_map(moment).min())
    }

    /// The first of the rows that could not be read as timers, and so were put aside, by any node at any time.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn put_aside(&self, limit: usize) -> Result<Vec<PutAside>> {
        ASIDE.list(&mut self.0.store.read().await?, limit).await
    }

    /// How many timers this process had to put aside since its start; anything but zero is damage.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.0.unreadable.load(Ordering::SeqCst)
    }

    /// Keeps the runners quiet while the clock is moved in steps.
    pub(crate) async fn step_by_step(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.steps.write().await
    }
}
