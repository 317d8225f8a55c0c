//! [`World`]: the nodes, what they share, and what is written down of them.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_blob::{Blobs, MemBlobs};
use updraft_kernel::{Clock, Rng, RngExt, SeededRng, Tasks};
use updraft_store::embedded::EmbeddedStore;
use updraft_store::faults::FaultyStore;
use updraft_store::{Result, Store};
use updraft_store_mem::MemEngine;

use crate::Args;
use crate::clock::SimClock;
use crate::journal::Journal;
use crate::model::Model;
use crate::models::{self, Keys, Outside, Runner};
use crate::node::{Node, Parts};

pub(crate) const NODES: u64 = 3;
/// How far a machine's clock is off, in milliseconds.
pub(crate) const SKEW: u64 = 150;
/// What a supervisor waits before it starts a node again that could not start.
const AGAIN: Duration = Duration::from_millis(300);

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) span: Duration,
    pub(crate) clock: SimClock,
    pub(crate) journal: Arc<Journal>,
    /// Without faults: for checks.
    pub(crate) store: Arc<dyn Store>,
    /// What goes on beside the nodes: clients, the weather.
    pub(crate) tasks: Tasks,
    pub(crate) models: Vec<Arc<dyn Model>>,
    /// What nodes see, which may be broken on purpose.
    shared: Arc<dyn Store>,
    blobs: Arc<dyn Blobs>,
    keys: Arc<Keys>,
    runner: Arc<Runner>,
    outside: Arc<Outside>,
    slots: Vec<Mutex<Option<Arc<Node>>>>,
    /// Every way that any node ever had to the store: something may still be on it.
    ways: Mutex<Vec<FaultyStore>>,
}

impl World {
    pub(crate) fn new(seed: u64, args: &Args) -> Result<Self> {
        let clock = SimClock::begin();
        let journal = Arc::new(Journal::new(clock, args.loud));
        let store: Arc<dyn Store> = Arc::new(EmbeddedStore::open_inline(MemEngine::default())?);
        let shared = match args.mutation {
            Some(mutation) => mutation.over(Arc::clone(&store)),
            None => Arc::clone(&store),
        };
        let chance: Arc<dyn Rng> = Arc::new(SeededRng::new(seed ^ 0xB10B));
        let runner = Arc::new(Runner::new(seed, clock, Arc::clone(&journal)));
        let outside = Arc::new(Outside::new(seed, clock, Arc::clone(&journal)));
        Ok(Self {
            seed,
            span: Duration::from_secs(args.span),
            clock,
            models: models::of((&runner, &outside), seed, clock),
            journal,
            store,
            tasks: Tasks::new(),
            shared,
            blobs: Arc::new(MemBlobs::new(chance, Arc::new(clock))),
            keys: Arc::default(),
            runner,
            outside,
            slots: (0..NODES).map(|_| Mutex::new(None)).collect(),
            ways: Mutex::default(),
        })
    }

    /// Chance of its own for a part of the world, so that parts don't depend on each other's.
    pub(crate) fn chance(&self, part: u64) -> SeededRng {
        let mixed = SeededRng::new(self.seed.wrapping_mul(1_000_003).wrapping_add(part));
        SeededRng::new(mixed.u64())
    }

    /// The node in this place, if it is there.
    pub(crate) fn node(&self, number: u64) -> Option<Arc<Node>> {
        let slot = usize::try_from(number).ok().and_then(|nth| self.slots.get(nth));
        slot.and_then(|slot| slot.lock().clone())
    }

    pub(crate) fn nodes(&self) -> Vec<Arc<Node>> {
        (0..NODES).filter_map(|number| self.node(number)).collect()
    }

    /// Starts a node in an empty place, again and again until it is there.
    pub(crate) async fn start(&self, number: u64) {
        while self.node(number).is_none() {
            match self.try_start(number).await {
                Ok(node) => {
                    self.journal.note(format_args!("{} is there", node.name));
                    self.put(number, Some(node));
                }
                Err(why) => {
                    self.journal.note(format_args!("node {number} can't start: {why}"));
                    self.clock.pause(AGAIN).await;
                }
            }
        }
    }

    async fn try_start(&self, number: u64) -> std::result::Result<Arc<Node>, String> {
        let generation = self.ways.lock().len();
        let name = format!("node-{number}.{generation}");
        let rng = Arc::new(self.chance(1_000 + u64::try_from(generation).unwrap_or(0)));
        let skew = i64::try_from(rng.below(2 * SKEW + 1)).unwrap_or(0) - i64::try_from(SKEW).unwrap_or(0);
        let way = FaultyStore::new(Arc::clone(&self.shared), Arc::new(self.clock), Arc::clone(&rng) as Arc<dyn Rng>);
        self.ways.lock().push(way.clone());
        let parts = Parts {
            name,
            way,
            clock: self.clock.skewed(skew),
            rng,
            blobs: Arc::clone(&self.blobs),
            keys: Arc::clone(&self.keys),
            runner: self.runner.clone(),
            outside: Arc::clone(&self.outside),
            journal: Arc::clone(&self.journal),
        };
        let node = Arc::new(Node::join(parts).await.map_err(|err| format!("{err:?}"))?);
        self.models.iter().for_each(|model| model.join(&node));
        node.start();
        Ok(node)
    }

    fn put(&self, number: u64, node: Option<Arc<Node>>) -> Option<Arc<Node>> {
        let slot = usize::try_from(number).ok().and_then(|nth| self.slots.get(nth))?;
        std::mem::replace(&mut *slot.lock(), node)
    }

    /// The node is stopped wherever it is and never goes on: nobody hears of it any more. It isn't dropped, as no
    /// process that is killed runs destructors.
    pub(crate) fn kill(&self, number: u64) {
        if let Some(node) = self.put(number, None) {
            node.way.freeze(true);
            self.journal.note(format_args!("{} is killed", node.name));
        }
    }

    /// Ends all faults; what was late arrives.
    pub(crate) async fn heal(&self) {
        for node in self.nodes() {
            node.way.set(updraft_store::faults::Faults::default());
            node.way.cut(false);
            node.way.freeze(false);
        }
        let ways = self.ways.lock().clone();
        for way in ways {
            way.land().await;
        }
    }

    /// How many faults there were.
    pub(crate) fn injected(&self) -> u64 {
        self.ways.lock().iter().map(FaultyStore::injected).sum()
    }

    pub(crate) fn check(&self) {
        self.models.iter().for_each(|model| model.check(self));
        for node in self.nodes().iter().filter(|node| node.tasks.panics() > 0) {
            self.journal.wrong(format_args!("a task of {} panicked", node.name));
        }
    }
}
