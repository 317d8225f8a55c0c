//! The worker of one shard: reads its log, keeps as many deliveries under way as their targets allow.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use updraft_kernel::{RngExt, Shutdown};
use updraft_nodes::{Epoch, Lease};
use updraft_store::{Result, StoreError};
use updraft_timers::Patience;

use crate::attempt::{Ended, attempt};
use crate::keys::{LaneId, behind, topic};
use crate::lanes::{Entry, Lanes, Left, TargetId};
use crate::log;
use crate::outbox::{SettleRequest, Shared};
use crate::share::Share;

/// How long (in real time) what is under way may take when the shard goes to another node. Targets may take minutes;
/// what is dropped then is delivered again over there.
const GRACE: Duration = Duration::from_secs(5);

/// For a kind that nothing is registered for: its retries fail at once.
const NO_TARGET_CONCURRENCY: usize = 1;

/// Targets remembered at most that gave no answer.
const HUNG: usize = 1_024;

type Finished = (Arc<LaneId>, Entry, Ended);
type UnderWay = FuturesUnordered<BoxFuture<'static, Finished>>;

/// What one worker knows. All of it can be read again from the log.
struct Worker {
    shared: Arc<Shared>,
    shard: u8,
    lease: Lease,
    /// Under which all that follows was read and begun.
    share: Option<Share>,
    /// The store said that this epoch is over, though the lease doesn't know yet.
    lost: Option<Epoch>,
    lanes: Lanes,
    under_way: UnderWay,
    /// What came to its end while the log was read.
    ended: Vec<Finished>,
    /// Targets that gave no answer the last time: who waits for all to be settled doesn't wait for them again.
    hung: HashSet<TargetId>,
    /// How far the log was read.
    read_to: Option<Bytes>,
    /// There may be more behind.
    unread: bool,
    /// Until when (on the monotonic clock) what is under way may go on, although the shard is another's.
    grace: Option<Duration>,
    patience: Patience,
    waiting: Vec<SettleRequest>,
    /// Something was attempted since somebody was last told that all is settled.
    worked: bool,
}

/// Works until shutdown.
pub(crate) async fn run(
    shared: Arc<Shared>,
    shard: u8,
    mut requests: mpsc::UnboundedReceiver<SettleRequest>,
    mut shutdown: Shutdown,
) {
    let mut touched = shared.store.watch(topic(shard));
    let mut worker = Worker::new(shared, shard);
    let mut lease = worker.lease.clone();
    loop {
        let pause = tokio::select! {
            biased;
            () = shutdown.requested() => break,
            pause = worker.work() => pause,
        };
        tokio::select! {
            biased;
            () = shutdown.requested() => break,
            // A fence also fails while this node's own heart-beat is late, and the epoch goes on when it comes.
            () = lease.changed() => worker.lost = None,
            Some(done) = worker.under_way.next() => worker.finished(done),
            () = touched.changed() => worker.unread = true,
            Some(request) = requests.recv() => worker.waiting.push(request),
            () = pause => {}
        }
    }
    // Nothing is under way any more once this is dropped.
    worker.under_way.clear();
    lease.release();
}

/// Waits for `work` while what is under way goes on: it may be in the middle of transactions, and hold all of the
/// store's connections, for one of which `work` waits.
async fn beside<T>(under_way: &mut UnderWay, ended: &mut Vec<Finished>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            Some(one) = under_way.next() => ended.push(one),
        }
    }
}

impl Worker {
    fn new(shared: Arc<Shared>, shard: u8) -> Self {
        let lease = shared.nodes.lease(&format!("delivery/{shard}"));
        let patience = Patience::with_outages(shared.rng.u64());
        Self {
            shared,
            shard,
            lease,
            share: None,
            lost: None,
            lanes: Lanes::default(),
            under_way: FuturesUnordered::new(),
            ended: Vec::new(),
            hung: HashSet::new(),
            read_to: None,
            unread: false,
            grace: None,
            patience,
            waiting: Vec::new(),
            worked: false,
        }
    }

    /// Starts what can be started; the pause after which to look again, if nothing happens before.
    async fn work(&mut self) -> BoxFuture<'static, ()> {
        let may = Share::of(&self.lease).filter(|share| Some(share.epoch) != self.lost);
        if may.as_ref().map(|share| share.epoch) != self.share.as_ref().map(|share| share.epoch) {
            if self.is_finishing(may.is_none()) {
                return self.until_grace_ends();
            }
            self.begin_anew(may);
        }
        self.grace = None;
        let Some(share) = self.share.clone() else {
            // Also if it was given and wanted back before this was looked at.
            self.lease.release();
            self.answer();
            return std::future::pending().boxed();
        };
        let read = self.read(&share).await;
        for done in std::mem::take(&mut self.ended) {
            self.finished(done);
        }
        match read {
            Ok(more) => self.go_on(&share, more),
            Err(StoreError::Fenced(_)) => self.lose(&share),
            Err(err) => {
                self.shared.outage.failed("delivery", &err);
                self.start(&share);
                self.shared.clock.pause(self.patience.pause())
            }
        }
    }

    /// Whether something is still under way that can be finished: it can while the shard is only wanted back.
    fn is_finishing(&mut self, gone: bool) -> bool {
        let left = match self.grace {
            _ if !gone || self.under_way.is_empty() || self.is_lost() => Duration::ZERO,
            Some(until) => until.saturating_sub(self.shared.clock.monotonic()),
            None => GRACE,
        };
        self.grace = (!left.is_zero()).then(|| self.shared.clock.monotonic().saturating_add(left));
        self.grace.is_some()
    }

    fn is_lost(&self) -> bool {
        self.share.as_ref().is_some_and(|share| Some(share.epoch) == self.lost)
    }

    fn until_grace_ends(&self) -> BoxFuture<'static, ()> {
        let left = self.grace.unwrap_or_default().saturating_sub(self.shared.clock.monotonic());
        self.shared.clock.pause(left)
    }

    /// Somebody else worked here meanwhile, or is about to: what is known may be done.
    fn begin_anew(&mut self, share: Option<Share>) {
        self.lanes.clear();
        self.under_way.clear();
        self.read_to = None;
        self.unread = share.is_some();
        self.share = share;
    }

    fn lose(&mut self, share: &Share) -> BoxFuture<'static, ()> {
        self.lost = Some(share.epoch);
        std::future::ready(()).boxed()
    }

    /// One page at most, so that what is under way is seen to in between. `true`: there is more to read.
    async fn read(&mut self, share: &Share) -> Result<bool> {
        if self.unread {
            let tail = log::tail(&self.shared, share, self.shard, self.read_to.as_ref());
            let page = beside(&mut self.under_way, &mut self.ended, tail).await?;
            self.unread = page.more;
            self.read_to = page.read_to.or(self.read_to.take());
            page.entries.into_iter().for_each(|logged| self.lanes.add(logged));
        } else if let (Some((scope, from)), Some(read_to)) = (self.lanes.wanted(), &self.read_to) {
            let again = log::again(&self.shared, share, self.shard, from, read_to);
            let page = beside(&mut self.under_way, &mut self.ended, again).await?;
            let rest = page.read_to.as_deref().filter(|_| page.more).map(behind);
            self.lanes.refill(&scope, page.entries, rest.as_ref());
        }
        self.shared.outage.over();
        self.patience.reset();
        Ok(self.unread || self.lanes.wanted().is_some())
    }

    fn go_on(&mut self, share: &Share, more: bool) -> BoxFuture<'static, ()> {
        self.start(share);
        if more {
            return std::future::ready(()).boxed();
        }
        if self.lanes.running_beside(&self.hung) == 0 {
            self.answer();
        }
        std::future::pending().boxed()
    }

    fn start(&mut self, share: &Share) {
        let shared = Arc::clone(&self.shared);
        let concurrency = |kind: &str| shared.target(kind).map_or(NO_TARGET_CONCURRENCY, |target| target.concurrency());
        while let Some((lane, entry)) = self.lanes.start(concurrency) {
            let work = attempt(Arc::clone(&self.shared), share.clone(), Arc::clone(&lane), entry.clone());
            self.under_way.push(work.map(|ended| (lane, entry, ended)).boxed());
        }
    }

    fn finished(&mut self, (lane, entry, ended): Finished) {
        if ended.left == Left::Lost {
            self.lost = self.share.as_ref().map(|share| share.epoch);
        }
        self.note_answer(TargetId::of(&lane), ended.answered);
        self.lanes.finished(&lane, &entry, ended.left);
        self.worked = true;
    }

    fn note_answer(&mut self, target: TargetId, answered: Option<bool>) {
        match answered {
            Some(true) => drop(self.hung.remove(&target)),
            Some(false) if self.hung.len() < HUNG => drop(self.hung.insert(target)),
            _ => {}
        }
    }

    fn answer(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let worked = std::mem::take(&mut self.worked);
        for request in self.waiting.drain(..) {
            if request.send(worked).is_err() {
                tracing::debug!("whoever waited for the outbox has gone");
            }
        }
    }
}
