//! The worker of one shard: reads its log, keeps as many deliveries under way as their targets allow.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use updraft_kernel::Shutdown;
use updraft_nodes::Epoch;
use updraft_store::{KeyRange, Result, RowPage, ScanOptions, StoreExt};

use crate::attempt::attempt;
use crate::keys::{LaneId, LogKey, log_range, logged_id, topic};
use crate::lanes::{Entry, Lanes, Left};
use crate::outbox::{SettleRequest, Shared};

/// How long a node has a shard for itself. Taken when there is something to do and renewed while there is, never while
/// idle. Two nodes that both believe to have it deliver twice, which targets live with; order may suffer.
const LEASE: Duration = Duration::from_secs(10);

const PAGE: usize = 256;

/// For a kind that nothing is registered for: its retries fail at once.
const NO_TARGET_CONCURRENCY: usize = 1;

type Finished = (LaneId, Entry, Left);

/// What one worker knows. All of it can be read again from the log.
struct Worker {
    shared: Arc<Shared>,
    shard: u8,
    lanes: Lanes,
    under_way: FuturesUnordered<BoxFuture<'static, Finished>>,
    /// How far the log was read.
    read_to: Option<Bytes>,
    /// Of the lease under which it was read.
    epoch: Option<Epoch>,
    waiting: Vec<SettleRequest>,
    /// Something was attempted since somebody was last told that all is settled.
    worked: bool,
}

/// What woke the worker.
enum Woken {
    Stop,
    /// The log may have grown.
    Touched,
    Finished(Finished),
    Asked(SettleRequest),
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
    let mut read = true;
    loop {
        let pause = worker.work(read).await;
        let woken = tokio::select! {
            biased;
            () = shutdown.requested() => Woken::Stop,
            Some(done) = worker.under_way.next() => Woken::Finished(done),
            () = touched.changed() => Woken::Touched,
            Some(request) = requests.recv() => Woken::Asked(request),
            () = pause => Woken::Touched,
        };
        read = !matches!(woken, Woken::Finished(_));
        match woken {
            Woken::Stop => return,
            Woken::Touched => {}
            Woken::Finished((lane, entry, left)) => worker.finished(&lane, &entry, left),
            Woken::Asked(request) => worker.waiting.push(request),
        }
    }
}

impl Worker {
    fn new(shared: Arc<Shared>, shard: u8) -> Self {
        Self {
            shared,
            shard,
            lanes: Lanes::default(),
            under_way: FuturesUnordered::new(),
            read_to: None,
            epoch: None,
            waiting: Vec::new(),
            worked: false,
        }
    }

    /// Starts what can be started; the pause after which to look again, if nothing happens before.
    async fn work(&mut self, read: bool) -> BoxFuture<'static, ()> {
        let mine = match self.catch_up(read).await {
            Ok(mine) => mine,
            Err(err) => {
                tracing::error!(shard = self.shard, source = ?err, "the outbox can't be read; trying again");
                return self.shared.clock.pause(LEASE);
            }
        };
        self.start();
        if self.under_way.is_empty() {
            self.answer();
        }
        match (mine, self.under_way.is_empty()) {
            (false, _) => self.shared.clock.pause(LEASE),
            (true, false) => self.shared.clock.pause(LEASE / 3),
            (true, true) => std::future::pending().boxed(),
        }
    }

    /// `false`: another node has the shard.
    async fn catch_up(&mut self, read: bool) -> Result<bool> {
        if read {
            if !self.lease() {
                return Ok(false);
            }
            self.tail().await?;
        }
        while let Some((lane, from)) = self.lanes.refill() {
            self.refill(&lane, from).await?;
        }
        Ok(true)
    }

    fn lease(&mut self) -> bool {
        let name = format!("delivery/{}", self.shard);
        let epoch = self.shared.nodes.lease(&name).held();
        if epoch != self.epoch {
            // Somebody else worked here meanwhile: what is known may be done.
            self.lanes.clear();
            self.under_way.clear();
            self.read_to = None;
            self.epoch = epoch;
        }
        epoch.is_some()
    }

    async fn tail(&mut self) -> Result<()> {
        loop {
            let unread = match &self.read_to {
                Some(key) => log_range(self.shard).after(key),
                None => log_range(self.shard),
            };
            let page = page(&self.shared, unread).await?;
            for (key, lane) in page.rows {
                self.lanes.add(lane, key.clone(), logged_id(&key)?);
                self.read_to = Some(key);
            }
            if !page.more {
                return Ok(());
            }
        }
    }

    /// Reads the lane's entries from `from` on, up to where the log was read or the lane is full.
    async fn refill(&mut self, lane: &LaneId, from: Bytes) -> Result<()> {
        let Some(end) = self.read_to.clone() else { return Ok(()) };
        let mut range = log_range(self.shard).from(from);
        loop {
            let page = page(&self.shared, range.clone()).await?;
            for (key, of) in page.rows.iter().filter(|(key, of)| *key <= end && of == lane) {
                self.lanes.add(of.clone(), key.clone(), logged_id(key)?);
            }
            let Some(last) = page.resume().filter(|last| **last < end && !self.lanes.is_spilled(lane)) else {
                return Ok(());
            };
            range = range.after(last);
        }
    }

    fn start(&mut self) {
        let shared = Arc::clone(&self.shared);
        let concurrency = |kind: &str| shared.target(kind).map_or(NO_TARGET_CONCURRENCY, |target| target.concurrency());
        while let Some((lane, entry)) = self.lanes.start(concurrency) {
            let work = attempt(Arc::clone(&self.shared), entry.clone());
            self.under_way.push(work.map(|left| (lane, entry, left)).boxed());
        }
    }

    fn finished(&mut self, lane: &LaneId, entry: &Entry, left: Left) {
        self.lanes.finished(lane, entry, left);
        self.worked = true;
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

async fn page(shared: &Shared, range: KeyRange) -> Result<RowPage<LaneId>> {
    shared.store.read().await?.rows::<LogKey>(range, ScanOptions::limit(PAGE)).await
}
