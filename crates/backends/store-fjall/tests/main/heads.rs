//! A queue's head stays as cheap to scan as it was, however many messages went through it.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use updraft_store::embedded::{Batch, EmbeddedStore, Engine, RowResult, Snapshot};
use updraft_store::{Durability, KeyBuilder, KeyRange, Page, Result, ScanOptions, Store, TxnKind, tags};
use updraft_store_fjall::{FjallEngine, FjallOptions, FjallSnapshot};

const ROWS: u64 = 100_000;
const BATCH: u64 = 1_000;

/// fjall, with the start of each scan written down.
#[derive(Clone, Debug)]
struct Watched {
    engine: Arc<FjallEngine>,
    starts: Arc<std::sync::Mutex<Vec<Bytes>>>,
}

struct WatchedSnapshot(FjallSnapshot, Watched);

impl Engine for Watched {
    type Snapshot = WatchedSnapshot;
    fn snapshot(&self) -> WatchedSnapshot {
        WatchedSnapshot(self.engine.snapshot(), self.clone())
    }
    fn apply(&self, batch: Batch, sync: bool) -> Result<()> {
        self.engine.apply(batch, sync)
    }
    fn sync(&self) -> Result<()> {
        self.engine.sync()
    }
}

impl Snapshot for WatchedSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.0.get(key)
    }
    fn scan<'a>(&'a self, range: &KeyRange, reverse: bool) -> Box<dyn Iterator<Item = RowResult> + Send + 'a> {
        self.1.starts.lock().unwrap().push(range.start.clone());
        self.0.scan(range, reverse)
    }
}

fn open(folder: &Path) -> (Watched, EmbeddedStore<Watched>) {
    let engine = Arc::new(FjallEngine::open(folder, FjallOptions::default()).unwrap());
    let watched = Watched { engine, starts: Arc::default() };
    (watched.clone(), EmbeddedStore::open(watched).unwrap())
}

fn key(n: u64) -> Bytes {
    KeyBuilder::new(tags::TEST).str("queue").u64(n).build()
}

fn queue() -> KeyRange {
    KeyBuilder::new(tags::TEST).str("queue").prefix_range()
}

async fn fill(store: &impl Store) {
    for first in (0..ROWS + BATCH).step_by(5_000) {
        let mut txn = store.begin(TxnKind::ReadWrite).await.unwrap();
        (first..(first + 5_000).min(ROWS + BATCH)).for_each(|n| txn.put(key(n), "a small row".into()));
        txn.commit(Durability::Relaxed).await.unwrap();
    }
}

/// Takes a batch from the front and tells how many dead rows the scan had to step over.
async fn consume(store: &impl Store, watched: &Watched, dead: u64) -> u64 {
    let mut txn = store.begin(TxnKind::ReadWrite).await.unwrap();
    let limit = usize::try_from(BATCH).unwrap();
    let page = txn.scan(queue(), ScanOptions::limit(limit).from_head()).await.unwrap();
    assert_eq!(page.rows.first().map(|(k, _)| k), Some(&key(dead)));
    page.rows.iter().for_each(|(key, _)| txn.delete(key.clone()));
    txn.commit(Durability::Relaxed).await.unwrap();
    stepped(watched, dead)
}

/// Dead rows between where the last scan began and the first live row.
fn stepped(watched: &Watched, dead: u64) -> u64 {
    let start = watched.starts.lock().unwrap().last().unwrap().clone();
    let before = (0..dead).take_while(|n| key(*n) < start).count();
    dead - u64::try_from(before).unwrap()
}

async fn head(store: &impl Store, options: ScanOptions) -> Page {
    let mut txn = store.begin(TxnKind::ReadOnly).await.unwrap();
    txn.scan(queue(), options).await.unwrap()
}

#[tokio::test]
async fn a_queue_that_much_went_through_is_as_fast_as_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (watched, store) = open(folder.path());
    fill(&store).await;
    for dead in (0..ROWS).step_by(usize::try_from(BATCH).unwrap()) {
        let stepped = consume(&store, &watched, dead).await;
        assert!(stepped <= BATCH, "{stepped} dead rows at {dead}: more than the batch before left");
    }
    check_flat(&store, &watched).await;

    drop((store, watched));
    let (watched, store) = open(folder.path());
    head(&store, ScanOptions::limit(1).from_head()).await;
    assert_eq!(stepped(&watched, ROWS), ROWS, "the first scan after a restart finds the head");
    check_flat(&store, &watched).await;
}

/// Counted, not timed: how long dead rows take depends on how many of them the engine has merged away by then.
async fn check_flat(store: &impl Store, watched: &Watched) {
    head(store, ScanOptions::limit(1).from_head()).await;
    let from_head = head(store, ScanOptions::limit(10).from_head()).await;
    assert_eq!(stepped(watched, ROWS), 0, "no dead row is stepped over");
    let plain = head(store, ScanOptions::limit(10)).await;
    assert_eq!(stepped(watched, ROWS), ROWS, "without the hint all of them are");
    assert_eq!((from_head.rows.len(), from_head.rows), (10, plain.rows));
}
