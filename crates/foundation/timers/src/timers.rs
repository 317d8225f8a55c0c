//! [`Timers`]: scheduling, cancelling, and running what is due.

use std::sync::Arc;

use futures_util::future::try_join_all;
use tokio::sync::{RwLock, RwLockWriteGuard};
use updraft_kernel::{Clock, Shutdown, Tasks, UnixMillis};
use updraft_nodes::Nodes;
use updraft_store::{Result, ScanOptions, Store, StoreExt, Tx};

use crate::bucket::{Bucket, bucket_of, topic};
use crate::drain::{self, Drained, LEASE};
use crate::floor::Floor;
use crate::keys::{self, ByIdKey, DueKey, Place, Timer};
use crate::owner::{Owners, TimerOwner};

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
    buckets: Vec<Bucket>,
    /// Written while the clock is moved step by step, which keeps the runners from waking at each step.
    steps: RwLock<()>,
}

impl Timers {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, nodes: &Nodes) -> Self {
        let (owners, buckets, steps) = (Owners::default(), Bucket::all(nodes), RwLock::new(()));
        Self(Arc::new(Wheel { store, clock, owners, buckets, steps }))
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
        // Never in the past: `Floor` relies on it.
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
        let Some(Place { at }) = tx.row(&by_id).await? else { return Ok(false) };
        tx.delete_row(&DueKey { bucket: bucket_of(owner, id), at, owner, id });
        tx.delete_row(&by_id);
        Ok(true)
    }

    /// Runs the wheel until shutdown: one task per bucket.
    pub fn start(&self, tasks: &Tasks) {
        for number in 0..self.0.buckets.len() {
            tasks.spawn("timers", run(Arc::clone(&self.0), number, tasks.shutdown()));
        }
    }

    /// Fires what is due now, on this node. Returns how many timers fired.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn run_due(&self) -> Result<usize> {
        let all = self.0.buckets.iter().map(|bucket| drain::drain(&self.0, bucket));
        let drained = try_join_all(all).await?;
        Ok(drained.into_iter().map(|one| if let Drained::Done { fired, .. } = one { fired } else { 0 }).sum())
    }

    /// When the next timer is due, of all nodes'. It may be past.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn next_due(&self) -> Result<Option<UnixMillis>> {
        let firsts = try_join_all(self.0.buckets.iter().map(|bucket| self.first_of(bucket))).await?;
        Ok(firsts.into_iter().flatten().min())
    }

    async fn first_of(&self, bucket: &Bucket) -> Result<Option<UnixMillis>> {
        let from = bucket.floor.lock().await.start(&*self.0.clock);
        let mut tx = self.0.store.read().await?;
        let page = tx.raw().scan(keys::from(bucket.number, from), ScanOptions::limit(1)).await?;
        page.rows.first().map(|(key, _)| keys::at(key)).transpose()
    }

    /// Keeps the runners quiet while the clock is moved in steps.
    pub(crate) async fn step_by_step(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.steps.write().await
    }

    /// The clock goes on from an earlier moment: what was known to be empty may be filled now.
    pub(crate) async fn clock_set_back(&self) {
        for bucket in &self.0.buckets {
            *bucket.floor.lock().await = Floor::new();
        }
    }
}

/// Drains one bucket whenever its first timer is due, or a transaction touched it.
async fn run(wheel: Arc<Wheel>, number: usize, mut shutdown: Shutdown) {
    let Some(bucket) = wheel.buckets.get(number) else { return };
    let mut touched = wheel.store.watch(topic(bucket.number));
    while !shutdown.is_requested() {
        let wait = wait_for(&wheel, drain_when_free(&wheel, bucket).await);
        tokio::select! {
            () = shutdown.requested() => {}
            () = touched.changed() => {}
            () = wait => {}
        }
    }
}

async fn drain_when_free(wheel: &Wheel, bucket: &Bucket) -> Result<Drained> {
    let _no_steps = wheel.steps.read().await;
    drain::drain(wheel, bucket).await
}

/// Until when there is nothing to do in a bucket, unless it is touched.
fn wait_for(wheel: &Wheel, last: Result<Drained>) -> updraft_kernel::BoxFuture<'static, ()> {
    match last {
        Ok(Drained::Done { next: Some(at), .. }) => wheel.clock.sleep_until(at),
        Ok(Drained::Done { next: None, .. }) => Box::pin(std::future::pending()),
        Ok(Drained::Elsewhere) => wheel.clock.pause(LEASE),
        Err(err) => {
            tracing::error!(source = %err, "timers can't be read; trying again");
            wheel.clock.pause(LEASE)
        }
    }
}
