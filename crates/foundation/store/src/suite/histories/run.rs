//! Rounds: a few clients at once, and then the question whether there is an order.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use updraft_kernel::{OsRng, Rng, RngExt, SeededRng, SystemClock, Tasks};

use super::super::*;
use super::anomaly::Anomaly;
use super::check::check;
use super::keys::{self, Place};
use super::record::{Elem, Event, Outcome, Record, Tick};
use super::workload::Attempt;
use crate::error::StoreError;
use crate::faults::{Faults, FaultyStore};

const CLIENTS: u64 = 5;
/// Operations of each client in a round.
const OPERATIONS: u64 = 50;
/// Tries after which an operation will never come through.
const TRIES: usize = 1_000;
/// Rounds for everyday; `UPDRAFT_LONG` says how many for a long look.
const ROUNDS: u64 = 4;

/// The history while it is written, and the values that are given out once.
#[derive(Debug, Default)]
pub(super) struct Book {
    tick: AtomicU64,
    elements: AtomicU64,
    additions: AtomicU64,
    records: Mutex<Vec<Record>>,
}

impl Book {
    fn now(&self) -> Tick {
        self.tick.fetch_add(1, Ordering::SeqCst)
    }

    pub(super) fn element(&self) -> Elem {
        self.elements.fetch_add(1, Ordering::SeqCst)
    }

    pub(super) fn addition(&self) -> u64 {
        self.additions.fetch_add(1, Ordering::SeqCst)
    }

    /// How many there were.
    pub(super) fn additions(&self) -> u64 {
        self.additions.load(Ordering::SeqCst)
    }

    /// A new attempt, of which nothing is known yet.
    fn begin(&self) -> usize {
        let start = self.now();
        let mut records = self.records.lock();
        records.push(Record { start, end: Tick::MAX, outcome: Outcome::Aborted, events: Vec::new() });
        records.len() - 1
    }

    fn did(&self, attempt: usize, events: Vec<Event>) {
        self.records.lock()[attempt].events = events;
    }

    fn committed(&self, attempt: usize, version: Option<CommitVersion>) {
        let end = self.now();
        let record = &mut self.records.lock()[attempt];
        (record.end, record.outcome) = (end, Outcome::Committed(version));
    }
}

/// Who runs operations one after the other.
struct Client {
    store: Subject,
    place: Place,
    book: Arc<Book>,
    rng: SeededRng,
}

/// What an attempt came to.
enum Came {
    Committed(CommitVersion),
    /// An attempt before it had been applied.
    Already(usize),
}

impl Client {
    /// One operation: tried until it is known to be applied, once.
    async fn operation(&self, id: u64) {
        let writes = self.rng.below(4) > 0;
        for _ in 0..TRIES {
            let attempt = self.book.begin();
            match self.attempt(attempt, id, writes).await {
                Ok(Came::Committed(version)) => return self.book.committed(attempt, writes.then_some(version)),
                Ok(Came::Already(earlier)) => return self.book.committed(earlier, None),
                Err(StoreError::Conflict | StoreError::Unavailable(_) | StoreError::Unknown(_)) => {}
                Err(err) => panic!("{err}: {err:?}"),
            }
        }
        panic!("operation {id} didn't come through in {TRIES} tries");
    }

    async fn attempt(&self, number: usize, id: u64, writes: bool) -> Result<Came> {
        let kind = if writes { TxnKind::ReadWrite } else { TxnKind::ReadOnly };
        let mut txn = self.store.begin(kind).await?;
        let row = self.place.operation(id);
        if writes && let Some(earlier) = txn.get(&row).await? {
            commit(txn).await?;
            return Ok(Came::Already(usize::try_from(keys::decode(&earlier)[0]).unwrap()));
        }
        let (book, rng) = (&*self.book, &self.rng as &dyn Rng);
        let mut attempt = Attempt { place: self.place, book, rng, txn, events: Vec::new() };
        let done = attempt.steps(writes).await;
        let Attempt { mut txn, events, .. } = attempt;
        self.book.did(number, events);
        done?;
        if writes {
            txn.put(row, keys::encode(&[u64::try_from(number).unwrap()]));
        }
        commit(txn).await.map(Came::Committed)
    }
}

/// The history of one round on a store, through ways of its clients to it that may fail.
async fn round(store: &Subject, seed: u64, faults: Faults) -> Vec<Record> {
    let (place, book, tasks) = (Place(OsRng.u64()), Arc::new(Book::default()), Tasks::new());
    let way = FaultyStore::new(Arc::clone(store), Arc::new(SystemClock::new()), Arc::new(SeededRng::new(seed)));
    way.set(faults);
    for number in 0..CLIENTS {
        let (store, book) = (Arc::new(way.clone()), Arc::clone(&book));
        let client = Client { store, place, book, rng: SeededRng::new(seed * CLIENTS + number) };
        tasks.spawn("a client", async move {
            for nth in 0..OPERATIONS {
                client.operation(number * OPERATIONS + nth).await;
            }
        });
    }
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0, "a client failed");
    way.land().await;
    the_end(store, place, &book).await;
    std::mem::take(&mut *book.records.lock())
}

/// One more transaction, which reads all there is.
async fn the_end(store: &Subject, place: Place, book: &Book) {
    let (number, rng) = (book.begin(), SeededRng::new(0));
    let mut attempt = Attempt { place, book, rng: &rng, txn: reader(store).await, events: Vec::new() };
    attempt.everything().await.unwrap();
    book.did(number, attempt.events);
    commit(attempt.txn).await.unwrap();
    book.committed(number, None);
}

/// What is wrong with what this store does in one round.
pub async fn found_in(store: Subject, seed: u64) -> Vec<Anomaly> {
    check(&round(&store, seed, Faults::default()).await)
}

#[expect(clippy::disallowed_methods, reason = "how long to look is the caller's to say, and no test takes arguments")]
fn rounds() -> u64 {
    std::env::var("UPDRAFT_LONG").ok().and_then(|said| said.parse().ok()).unwrap_or(ROUNDS)
}

#[expect(clippy::print_stdout, reason = "what a long look has looked at")]
async fn all_rounds(store: &Subject, faults: Faults) {
    let (mut attempts, mut committed) = (0, 0);
    for seed in 0..rounds() {
        let history = round(store, seed, faults).await;
        let wrong = check(&history);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
        attempts += history.len();
        committed += history.iter().filter(|record| record.is_committed()).count();
    }
    println!("histories: seeds 0..{}, {attempts} attempts, {committed} committed, {faults:?}", rounds());
}

/// Random transactions of several clients at once: one order of them explains all that was seen, and it is that of time.
pub async fn histories_have_an_order(store: Subject) {
    all_rounds(&store, Faults::default()).await;
}

/// The same over a way that loses calls and answers. Nothing is applied twice, and nothing that was refused.
pub async fn histories_have_an_order_in_spite_of_faults(store: Subject) {
    all_rounds(&store, Faults::FREQUENT).await;
}
