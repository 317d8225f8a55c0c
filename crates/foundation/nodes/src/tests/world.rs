//! The surroundings: one store that may be cut off from each node, one time, clocks that may be wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use updraft_kernel::{BoxFuture, Clock, SeededRng, UnixMillis};
use updraft_store::{
    CommitVersion, KeyBuilder, Limits, Result, Store, StoreError, StoreExt, Topic, Txn, TxnKind, Watch, tags,
};
use updraft_testkit::ManualClock;

use crate::{Epoch, Lease, Nodes, Parts, Settings, beat, life};

pub(crate) const STEP: Duration = Duration::from_millis(50);
pub(crate) const TWO_SECONDS: u32 = 40;

/// One node's way to the store.
#[derive(Debug)]
pub(crate) struct Link {
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    pub(crate) cut: AtomicBool,
}

impl Store for Link {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        if self.cut.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::unavailable("cut off")) });
        }
        self.store.begin(kind)
    }
    fn watch(&self, topic: Topic) -> Watch {
        self.store.watch(topic)
    }
    fn limits(&self) -> Limits {
        self.store.limits()
    }
    fn now(&self) -> BoxFuture<'_, Result<UnixMillis>> {
        Box::pin(async { Ok(self.clock.real_now()) })
    }
    fn is_shared(&self) -> bool {
        true
    }
    fn raise_version(&self, at_least: CommitVersion) -> BoxFuture<'_, Result<CommitVersion>> {
        self.store.raise_version(at_least)
    }
    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.store.close()
    }
}

/// A machine's clock, ahead of the right time.
#[derive(Debug)]
pub(crate) struct Machine {
    clock: Arc<ManualClock>,
    pub(crate) ahead: AtomicI64,
    /// How much of real time its monotonic clock has missed, in milliseconds.
    pub(crate) missed: AtomicU64,
}

impl Clock for Machine {
    fn now(&self) -> UnixMillis {
        self.real_now()
    }
    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        self.clock.sleep_until(at)
    }
    fn monotonic(&self) -> Duration {
        self.clock.monotonic().saturating_sub(Duration::from_millis(self.missed.load(Ordering::SeqCst)))
    }
    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        self.clock.pause(span)
    }
    fn real_now(&self) -> UnixMillis {
        UnixMillis(self.clock.real_now().0 + self.ahead.load(Ordering::SeqCst))
    }
}

pub(crate) struct Node {
    pub(crate) nodes: Nodes,
    pub(crate) link: Arc<Link>,
    pub(crate) machine: Arc<Machine>,
    pub(crate) leases: Vec<Lease>,
    /// What its user believes to work under, per lease.
    working: Vec<Option<Epoch>>,
    /// Doesn't run: stopped for a while, or killed.
    pub(crate) paused: bool,
    /// Its users go on with what is under way.
    pub(crate) busy: bool,
    touched: Watch,
    due: Duration,
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) nodes: Vec<Node>,
    rng: Arc<SeededRng>,
    names: Vec<String>,
}

impl World {
    pub(crate) fn new(seed: u64, leases: usize) -> Self {
        Self {
            store: updraft_store_mem::open().unwrap(),
            clock: Arc::new(ManualClock::default()),
            nodes: Vec::new(),
            rng: Arc::new(SeededRng::new(seed)),
            names: (0..leases).map(|n| format!("work/{n}")).collect(),
        }
    }

    pub(crate) fn machine(&self, ahead: i64) -> Arc<Machine> {
        Arc::new(Machine { clock: Arc::clone(&self.clock), ahead: AtomicI64::new(ahead), missed: AtomicU64::new(0) })
    }

    pub(crate) fn link(&self) -> Arc<Link> {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        Arc::new(Link { store, clock, cut: AtomicBool::new(false) })
    }

    pub(crate) fn parts(&self, link: &Arc<Link>, machine: &Arc<Machine>) -> Parts {
        Parts {
            store: Arc::clone(link) as Arc<dyn Store>,
            clock: Arc::clone(machine) as Arc<dyn Clock>,
            rng: Arc::clone(&self.rng) as Arc<dyn updraft_kernel::Rng>,
            settings: Settings::new(&format!("n{}", self.nodes.len()), "127.0.0.1:4566", "0.1.0"),
        }
    }

    /// One more node, at work.
    pub(crate) async fn join(&mut self) -> usize {
        let (link, machine) = (self.link(), self.machine(0));
        let nodes = Nodes::join(self.parts(&link, &machine)).await.unwrap();
        let leases: Vec<_> = self.names.iter().map(|name| nodes.lease(name)).collect();
        nodes.member().go_to_work();
        let (working, touched) = (vec![None; leases.len()], self.store.watch(beat::topic()));
        let due = self.clock.elapsed();
        self.nodes.push(Node { nodes, link, machine, leases, working, paused: false, busy: false, touched, due });
        self.nodes.len() - 1
    }

    pub(crate) fn kill(&mut self, which: usize) {
        self.nodes[which].paused = true;
    }

    /// Lets `STEP` pass `count` times, checking at each that no lease has two holders.
    pub(crate) async fn steps(&mut self, count: u32) {
        for _ in 0..count {
            self.clock.advance(STEP);
            for node in &mut self.nodes {
                node.step(self.clock.elapsed()).await;
            }
            self.check_no_lease_has_two_holders().await;
        }
    }

    /// Every user tries to work, the paused ones too, under what they believe to hold.
    async fn check_no_lease_has_two_holders(&self) {
        for (n, name) in self.names.iter().enumerate() {
            let mut working = 0;
            for node in &self.nodes {
                working += usize::from(node.works(n).await);
            }
            assert!(working <= 1, "{working} nodes work under {name}");
        }
    }

    /// How many leases each node holds.
    pub(crate) fn held(&self) -> Vec<usize> {
        let held = |node: &Node| node.leases.iter().filter(|lease| lease.held().is_some()).count();
        self.nodes.iter().map(|node| if node.paused { 0 } else { held(node) }).collect()
    }
}

impl Node {
    /// What its loop and its users do at this moment.
    async fn step(&mut self, now: Duration) {
        if self.paused {
            return;
        }
        if self.touched.changed().now_or_never().is_some() || now >= self.due {
            let pause = life::next(self.nodes.member()).await;
            self.due = now + pause.unwrap_or(Duration::MAX / 2);
            self.paused = pause.is_none();
        }
        for (lease, working) in self.leases.iter().zip(&mut self.working) {
            if working.is_none() || !self.busy {
                *working = lease.held();
            }
            if working.is_none() {
                lease.release();
            }
        }
        if self.nodes.member().kick.notified().now_or_never().is_some() {
            self.due = now;
        }
    }

    /// Commits something under the epoch it believes in.
    async fn works(&self, lease: usize) -> bool {
        let Some(epoch) = self.working[lease] else { return false };
        let Ok(mut tx) = self.link.write().await else { return false };
        if self.leases[lease].fence(&mut tx, epoch).await.is_err() {
            return false;
        }
        tx.raw().put(KeyBuilder::new(tags::TEST).u64(0).build(), "x".into());
        tx.commit().await.is_ok()
    }
}
