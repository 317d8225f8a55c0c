//! The store that fails.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use updraft_kernel::{BoxFuture, Clock, Rng, RngExt, UnixMillis};

use super::dice::Faults;
use super::txn::FaultyTxn;
use crate::error::StoreError;
use crate::seam::{CommitVersion, Limits, Result, Store, Txn, TxnKind};
use crate::watch::{Topic, Watch};

/// One node's way to a store that all share. Cheap to clone; clones share their fate.
#[derive(Clone, Debug)]
pub struct FaultyStore(pub(super) Arc<Way>);

#[derive(Debug)]
pub(super) struct Way {
    inner: Arc<dyn Store>,
    /// The store's own time too, so that it is as virtual as everybody's.
    clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
    faults: Mutex<Faults>,
    cut: AtomicBool,
    frozen: watch::Sender<bool>,
    late: Mutex<Vec<Late>>,
    injected: AtomicU64,
}

/// A commit that is still on its way, though nobody waits for it.
pub(super) struct Late {
    pub(super) commit: BoxFuture<'static, Result<CommitVersion>>,
    pub(super) began: Duration,
}

impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Late").field("began", &self.began).finish_non_exhaustive()
    }
}

impl FaultyStore {
    /// Without faults until [`Self::set`] says so.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self(Arc::new(Way {
            inner,
            clock,
            rng,
            faults: Mutex::default(),
            cut: AtomicBool::new(false),
            frozen: watch::Sender::new(false),
            late: Mutex::default(),
            injected: AtomicU64::new(0),
        }))
    }

    /// From now on.
    pub fn set(&self, faults: Faults) {
        *self.0.faults.lock() = faults;
    }

    /// Cuts the way to the store, or mends it. What is under way when it is cut may have arrived.
    pub fn cut(&self, cut: bool) {
        self.0.cut.store(cut, Ordering::SeqCst);
    }

    /// Stops whoever goes this way wherever it next comes to the store, or lets it go on, as a machine that swaps or a
    /// virtual one that is paused. What is never let go on is as good as killed: nothing of it is seen any more.
    pub fn freeze(&self, frozen: bool) {
        self.0.frozen.send_replace(frozen);
    }

    #[must_use]
    pub fn is_frozen(&self) -> bool {
        *self.0.frozen.borrow()
    }

    /// Completes when nothing is stopped: for what a test itself stands in for, beside the store.
    pub async fn thawed(&self) {
        self.0.thawed().await;
    }

    /// Lets every commit arrive that still is on its way.
    pub async fn land(&self) {
        while self.0.land_one().await {}
    }

    /// How many faults there were, pauses not counted.
    #[must_use]
    pub fn injected(&self) -> u64 {
        self.0.injected.load(Ordering::SeqCst)
    }
}

impl Way {
    pub(super) fn faults(&self) -> Faults {
        *self.faults.lock()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    pub(super) fn count(&self) {
        self.injected.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    pub(super) fn is_too_old(&self, began: Duration) -> bool {
        self.monotonic().saturating_sub(began) > self.inner.limits().txn_age
    }

    pub(super) fn later(&self, late: Late) {
        self.late.lock().push(late);
    }

    pub(super) async fn thawed(&self) {
        let mut frozen = self.frozen.subscribe();
        if frozen.wait_for(|frozen| !frozen).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(super) async fn travel(&self) {
        self.thawed().await;
        if let Some(pause) = self.faults().pause(&*self.rng) {
            self.clock.pause(pause).await;
            self.thawed().await;
        }
    }

    /// One call's way to the store.
    pub(super) async fn reach(&self) -> Result<()> {
        self.travel().await;
        if self.is_cut() || self.faults().is_away(&*self.rng) {
            self.count();
            return Err(StoreError::unavailable("the way to the store is cut"));
        }
        Ok(())
    }

    async fn land_one(&self) -> bool {
        let Some(Late { commit, began }) = self.take_late() else { return false };
        // What a store has held for longer than it may, it has forgotten.
        if !self.is_too_old(began)
            && let Err(err) = commit.await
        {
            tracing::debug!(error = %err, "a late commit wasn't applied");
        }
        true
    }

    fn take_late(&self) -> Option<Late> {
        let mut late = self.late.lock();
        let count = u64::try_from(late.len()).unwrap_or(0);
        let nth = usize::try_from(self.rng.below(count)).unwrap_or(0);
        (nth < late.len()).then(|| late.swap_remove(nth))
    }

    async fn begin(self: &Arc<Self>, kind: TxnKind) -> Result<Box<dyn Txn>> {
        self.reach().await?;
        if !self.late.lock().is_empty() && self.rng.below(3) == 0 {
            self.land_one().await;
        }
        let began = self.monotonic();
        let inner = self.inner.begin(kind).await?;
        Ok(Box::new(FaultyTxn::new(Arc::clone(self), inner, began)))
    }
}

impl Store for FaultyStore {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        Box::pin(self.0.begin(kind))
    }

    fn watch(&self, topic: Topic) -> Watch {
        self.0.inner.watch(topic)
    }

    fn limits(&self) -> Limits {
        self.0.inner.limits()
    }

    fn now(&self) -> BoxFuture<'_, Result<UnixMillis>> {
        Box::pin(async {
            self.0.reach().await?;
            Ok(self.0.clock.real_now())
        })
    }

    /// As one that is reached over a way that can be cut.
    fn is_shared(&self) -> bool {
        true
    }

    fn raise_version(&self, to: CommitVersion) -> BoxFuture<'_, Result<CommitVersion>> {
        self.0.inner.raise_version(to)
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.0.inner.close()
    }
}
