//! What is done often costs the same with a hundred times the data: each figure's median on a large store beside that
//! of a small one, measured in turn. `UPDRAFT_GROWTH_ROWS=1000000` for a long look; the figures are printed.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;
use updraft_kernel::{BoxFuture, Clock, RngExt, SeededRng, SystemClock, UnixMillis};
use updraft_nodes::Nodes;
use updraft_store::{Durability, KeyBuilder, ScanOptions, Store, StoreExt, Tx, TxnKind, tags};
use updraft_testkit::{ManualClock, resident_bytes};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::open;

const SMALL: u64 = 1_000;
/// The bar. A noisy neighbour may spoil a measurement, so a figure over it is taken again.
const FLAT: f64 = 1.5;
/// What it takes at most to read one block from the page cache and unpack it. A small store lies in the write buffer
/// altogether (a get takes 2 µs there), a large one doesn't: that step, once for each read, is not growth.
const BLOCK: Duration = Duration::from_micros(20);
const TRIES: usize = 5;
/// Samples of each store in one try.
const SAMPLES: usize = 120;
const VALUE: usize = 1_024;
/// Twice the value of every row, the engine's journal beside it, and nothing else.
const JOURNAL: u64 = 64 << 20;
/// The engine's cache and write buffers by default, its indexes and filters, and this test.
const RESIDENT: u64 = 160 << 20;

#[expect(clippy::disallowed_methods, reason = "a test reads how long a look is wanted")]
fn large() -> u64 {
    std::env::var("UPDRAFT_GROWTH_ROWS").ok().and_then(|said| said.parse().ok()).unwrap_or(100_000)
}

/// A store with so many items, messages in one queue, and timers.
struct Filled {
    store: Arc<dyn Store>,
    timers: Timers,
    clock: Arc<ManualClock>,
    rows: u64,
    rng: SeededRng,
    folder: TempDir,
}

#[derive(Debug)]
struct Fires;

impl TimerOwner for Fires {
    fn fire<'a>(&'a self, _: &'a mut Tx, _: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

fn item(n: u64) -> Bytes {
    KeyBuilder::new(tags::TEST).str("item").u64(n).build()
}

fn message(n: u64) -> Bytes {
    KeyBuilder::new(tags::TEST).str("queue").u64(n).build()
}

fn timer(n: u64, due: UnixMillis) -> Schedule {
    Schedule { owner: "growth", id: format!("t{n}"), due, payload: vec![0; 16] }
}

impl Filled {
    async fn new(rows: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await.unwrap();
        let clock = Arc::new(ManualClock::default());
        let timers = Timers::new(Arc::clone(&store), Arc::clone(&clock) as Arc<dyn Clock>, &Nodes::alone());
        timers.register("growth", Arc::new(Fires));
        let filled = Self { store, timers, clock, rows, rng: SeededRng::new(rows), folder };
        for first in (0..rows).step_by(1_000) {
            filled.fill(first, (first + 1_000).min(rows)).await;
        }
        filled
    }

    async fn fill(&self, from: u64, to: u64) {
        let mut tx = self.store.write().await.unwrap();
        for n in from..to {
            let value = self.value();
            tx.raw().put(item(n), value);
            tx.raw().put(message(n), "a message".into());
            let due = ManualClock::START.plus(Duration::from_secs(3_600 + n));
            self.timers.schedule(&mut tx, timer(n, due)).await.unwrap();
        }
        tx.commit_relaxed().await.unwrap();
    }

    /// Nothing that compression could make smaller.
    fn value(&self) -> Bytes {
        let mut bytes = vec![0; VALUE];
        updraft_kernel::Rng::fill(&self.rng, &mut bytes);
        bytes.into()
    }

    async fn put(&self) {
        let mut txn = self.store.begin(TxnKind::ReadWrite).await.unwrap();
        txn.put(item(self.rng.below(self.rows)), self.value());
        txn.commit(Durability::Durable).await.unwrap();
    }

    async fn get(&self) {
        let mut txn = self.store.begin(TxnKind::ReadOnly).await.unwrap();
        assert!(txn.get(&item(self.rng.below(self.rows))).await.unwrap().is_some());
    }

    async fn conditional_put(&self) {
        let mut txn = self.store.begin(TxnKind::ReadWrite).await.unwrap();
        let key = item(self.rng.below(self.rows));
        assert!(txn.get(&key).await.unwrap().is_some());
        txn.put(key, self.value());
        txn.commit(Durability::Durable).await.unwrap();
    }

    /// The ten oldest messages are read, the oldest goes.
    async fn queue_head(&self) {
        let range = KeyBuilder::new(tags::TEST).str("queue").prefix_range();
        let mut txn = self.store.begin(TxnKind::ReadWrite).await.unwrap();
        let page = txn.scan(range, ScanOptions::limit(10).from_head()).await.unwrap();
        assert_eq!(page.rows.len(), 10);
        txn.delete(page.rows[0].0.clone());
        txn.commit(Durability::Relaxed).await.unwrap();
    }

    /// One more timer falls due, and is fired.
    async fn timer_claim(&self) {
        let mut tx = self.store.write().await.unwrap();
        self.timers.schedule(&mut tx, timer(u64::MAX, self.clock.now())).await.unwrap();
        tx.commit_relaxed().await.unwrap();
        assert_eq!(self.timers.run_due().await.unwrap(), 1);
    }
}

/// Its name, how often it reads the store, and the work itself.
type Figure = (&'static str, u32, for<'a> fn(&'a Filled) -> BoxFuture<'a, ()>);

/// Each bucket is looked at for its first timer, and one timer is scheduled and fired.
const TIMER_READS: u32 = updraft_timers::BUCKETS as u32 + 4;

const FIGURES: [Figure; 5] = [
    ("put", 0, |f| Box::pin(f.put())),
    ("get", 1, |f| Box::pin(f.get())),
    ("conditional put", 1, |f| Box::pin(f.conditional_put())),
    ("queue head", 1, |f| Box::pin(f.queue_head())),
    ("timer claim", TIMER_READS, |f| Box::pin(f.timer_claim())),
];

/// Medians on the small and on the large store, their samples taken in turn.
async fn medians(small: &Filled, large: &Filled, work: Figure) -> [Duration; 2] {
    let clock = SystemClock::new();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..SAMPLES {
        for (filled, times) in [small, large].into_iter().zip(&mut times) {
            let before = clock.monotonic();
            (work.2)(filled).await;
            times.push(clock.monotonic() - before);
        }
    }
    times.map(|mut times| {
        times.sort();
        times[SAMPLES / 2]
    })
}

fn size_of(folder: &Path) -> u64 {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap());
    entries.map(|e| if e.path().is_dir() { size_of(&e.path()) } else { e.metadata().unwrap().len() }).sum()
}

#[expect(clippy::print_stdout, reason = "the figures are wanted where a long look is")]
fn say(what: &str, figures: impl Debug) {
    println!("growth: {what}: {figures:?}");
}

#[tokio::test]
async fn a_hundred_times_the_data_costs_the_same_per_operation() {
    let (small, large) = (Filled::new(SMALL).await, Filled::new(large()).await);
    for figure in FIGURES {
        let mut ratios = Vec::new();
        for _ in 0..TRIES {
            let [few, many] = medians(&small, &large, figure).await;
            let ratio = many.as_secs_f64() / few.as_secs_f64();
            say(figure.0, (few, many, ratio));
            ratios.push(if many <= few + BLOCK * figure.1 { 1.0 } else { ratio });
            if is_flat(&ratios) {
                break;
            }
        }
        assert!(is_flat(&ratios), "{}: {ratios:?} times a store of {SMALL} rows", figure.0);
    }
    check_size(large).await;
}

fn is_flat(ratios: &[f64]) -> bool {
    ratios.iter().any(|ratio| *ratio <= FLAT)
}

async fn check_size(filled: Filled) {
    let logical = filled.rows * u64::try_from(VALUE).unwrap();
    let resident = resident_bytes().unwrap();
    say("resident MiB", resident >> 20);
    assert!(resident < RESIDENT, "{} MiB resident", resident >> 20);
    let Filled { store, folder, timers, .. } = filled;
    store.close().await.unwrap();
    drop((store, timers));
    let disk = size_of(folder.path());
    say("disk over logical", (disk >> 20, logical >> 20));
    assert!(disk < 2 * logical + JOURNAL, "{disk} bytes for {logical}");

    let clock = SystemClock::new();
    let before = clock.monotonic();
    let again = open(folder.path()).await.unwrap();
    say("open again", clock.monotonic() - before);
    assert!(again.read().await.unwrap().raw().get(&item(0)).await.unwrap().is_some());
}
