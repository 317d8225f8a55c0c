//! What only an engine that is watched or fails can show.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use parking_lot::{Mutex, RwLock};

use super::*;
use crate::error::StoreError;
use crate::seam::{Durability, KeyRange, Limits, Result, ScanOptions, Store, Txn, TxnKind};
use crate::watch::Topic;

type Rows = Arc<BTreeMap<Bytes, Bytes>>;

/// A map that keeps deleted rows as a log-structured engine does, counts what is asked of it, and fails on demand.
#[derive(Clone, Default)]
struct Probe(Arc<Inner>);

type Hook = Box<dyn FnOnce() + Send>;

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

fn call(hook: &Mutex<Option<Hook>>) {
    let hook = hook.lock().take();
    if let Some(hook) = hook {
        hook();
    }
}

#[derive(Default)]
struct Inner {
    rows: RwLock<Rows>,
    syncs: AtomicUsize,
    failing: AtomicBool,
    /// Called once, by the next sync before it does anything.
    at_sync: Mutex<Option<Hook>>,
    /// Called once, by the next snapshot when it has been taken, before anybody has it.
    at_snapshot: Mutex<Option<Hook>>,
    scans: Mutex<Vec<KeyRange>>,
}

struct ProbeSnapshot(Probe, Rows);

impl Engine for Probe {
    type Snapshot = ProbeSnapshot;

    fn snapshot(&self) -> ProbeSnapshot {
        let rows = Arc::clone(&self.0.rows.read());
        call(&self.0.at_snapshot);
        ProbeSnapshot(self.clone(), rows)
    }

    fn apply(&self, batch: Batch, sync: bool) -> Result<()> {
        if sync {
            self.sync()?;
        }
        let mut rows = BTreeMap::clone(&self.0.rows.read());
        for (key, value) in batch {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        *self.0.rows.write() = Arc::new(rows);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        call(&self.0.at_sync);
        if self.0.failing.load(Ordering::SeqCst) {
            return Err(StoreError::engine("the disk is on fire"));
        }
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl Snapshot for ProbeSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        Ok(self.1.get(key).cloned())
    }

    fn scan<'a>(&'a self, range: &KeyRange, _reverse: bool) -> Box<dyn Iterator<Item = RowResult> + Send + 'a> {
        self.0.0.scans.lock().push(range.clone());
        Box::new(self.1.range(range.start.clone()..range.end.clone()).map(|(k, v)| Ok((k.clone(), v.clone()))))
    }
}

fn open() -> (Probe, EmbeddedStore<Probe>) {
    let probe = Probe::default();
    let store = EmbeddedStore::open(probe.clone()).unwrap();
    probe.0.syncs.store(0, Ordering::SeqCst);
    (probe, store)
}

async fn begin(store: &EmbeddedStore<Probe>) -> Box<dyn Txn> {
    store.begin(TxnKind::ReadWrite).await.unwrap()
}

async fn put(store: &EmbeddedStore<Probe>, key: String, durability: Durability) -> Result<()> {
    let mut txn = store.begin(TxnKind::ReadWrite).await?;
    txn.put(key.into(), "x".into());
    txn.commit(durability).await.map(drop)
}

/// Stops the committer in its next sync. What it waits for is given back: dropping it lets it go on.
fn held(probe: &Probe) -> (Receiver<()>, SyncSender<()>) {
    let (entered, here) = sync_channel(0);
    let (go, gone) = sync_channel::<()>(0);
    let wait = move || {
        entered.send(()).unwrap();
        assert!(gone.recv().is_err());
    };
    *probe.0.at_sync.lock() = Some(Box::new(wait));
    (here, go)
}

#[tokio::test]
async fn many_callers_share_a_sync() {
    let (probe, store) = open();
    let (here, go) = held(&probe);
    let mut first = Box::pin(put(&store, "first".into(), Durability::Durable));
    assert!((&mut first).now_or_never().is_none());
    here.recv().unwrap();
    let mut others: Vec<_> = (0..64).map(|n| Box::pin(put(&store, format!("k{n}"), Durability::Durable))).collect();
    assert!(others.iter_mut().all(|other| other.now_or_never().is_none()));
    drop(go);
    first.await.unwrap();
    for done in futures_util::future::join_all(others).await {
        done.unwrap();
    }
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 2, "the first alone, then the 64 that came meanwhile");
}

#[tokio::test]
async fn a_transaction_begun_while_another_is_synced_conflicts_with_it() {
    let (probe, store) = open();
    let (here, go) = held(&probe);
    let mut first = Box::pin(put(&store, "k".into(), Durability::Durable));
    assert!((&mut first).now_or_never().is_none());
    here.recv().unwrap();
    let mut second = begin(&store).await;
    assert_eq!(second.get(b"k").await.unwrap(), None, "nothing is seen that isn't synced");
    second.put("k".into(), "y".into());
    drop(go);
    first.await.unwrap();
    assert!(matches!(second.commit(Durability::Durable).await, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn a_commit_between_reading_the_version_and_taking_the_snapshot_conflicts() {
    let (probe, store) = open();
    let store = Arc::new(store);
    let other = Arc::clone(&store);
    let commit = move || {
        let mut commit = Box::pin(put(&other, "k".into(), Durability::Durable));
        while (&mut commit).now_or_never().is_none() {
            std::thread::yield_now();
        }
    };
    *probe.0.at_snapshot.lock() = Some(Box::new(commit));
    let mut txn = begin(&store).await;
    assert_eq!(txn.get(b"k").await.unwrap(), None);
    txn.put("k".into(), "y".into());
    assert!(matches!(txn.commit(Durability::Durable).await, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn transactions_of_one_round_build_on_each_other() {
    let (probe, store) = open();
    let (here, go) = held(&probe);
    let mut first = Box::pin(put(&store, "a".into(), Durability::Durable));
    assert!((&mut first).now_or_never().is_none());
    here.recv().unwrap();
    let mut round = Vec::new();
    for _ in 0..3 {
        let mut txn = begin(&store).await;
        txn.add_i64("n".into(), 1);
        let mut commit = txn.commit(Durability::Durable);
        assert!((&mut commit).now_or_never().is_none());
        round.push(commit);
    }
    let mut reading = begin(&store).await;
    reading.get(b"n").await.unwrap();
    reading.put("b".into(), "x".into());
    let mut reading = reading.commit(Durability::Durable);
    assert!((&mut reading).now_or_never().is_none());
    drop(go);
    first.await.unwrap();
    for done in futures_util::future::join_all(round).await {
        done.unwrap();
    }
    assert!(matches!(reading.await, Err(StoreError::Conflict)), "the round wrote what it had read");
    let n = store.begin(TxnKind::ReadOnly).await.unwrap().get(b"n").await.unwrap();
    assert_eq!(n.as_deref(), Some(&3i64.to_le_bytes()[..]));
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 2, "the first alone, then all the others");
}

#[tokio::test]
async fn a_panic_of_the_committer_poisons_the_store() {
    let (probe, store) = open();
    let mut poisoned = store.watch(Topic::POISONED);
    *probe.0.at_sync.lock() = Some(Box::new(|| panic!("on purpose")));
    let err = put(&store, "a".into(), Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Unknown(_)), "{err}");
    poisoned.changed().await;
    let err = put(&store, "a".into(), Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Poisoned), "{err}");
}

#[tokio::test]
async fn without_a_thread_a_commit_is_done_when_it_was_asked_for() {
    let probe = Probe::default();
    let store = EmbeddedStore::open_inline(probe.clone()).unwrap();
    probe.0.syncs.store(0, Ordering::SeqCst);
    put(&store, "a".into(), Durability::Durable).now_or_never().unwrap().unwrap();
    put(&store, "b".into(), Durability::Relaxed).now_or_never().unwrap().unwrap();
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 1);
    drop(store);
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 2, "what was relaxed, at the end");
}

#[tokio::test]
async fn without_a_thread_a_caller_does_the_work_of_those_who_come_meanwhile() {
    let probe = Probe::default();
    let store = Arc::new(EmbeddedStore::open_inline(probe.clone()).unwrap());
    let (here, go) = held(&probe);
    let other = Arc::clone(&store);
    let first = std::thread::Builder::new();
    let first = first.spawn(move || put(&other, "a".into(), Durability::Durable).now_or_never().unwrap()).unwrap();
    here.recv().unwrap();
    let mut second = Box::pin(put(&store, "b".into(), Durability::Durable));
    assert!((&mut second).now_or_never().is_none(), "the first is still at it");
    drop(go);
    second.await.unwrap();
    first.join().unwrap().unwrap();
    store.close().now_or_never().unwrap().unwrap();
    let err = put(&store, "c".into(), Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Closed), "{err}");
}

#[tokio::test]
async fn without_a_thread_a_panic_poisons_the_store_and_stays_inside() {
    let probe = Probe::default();
    let store = EmbeddedStore::open_inline(probe.clone()).unwrap();
    *probe.0.at_sync.lock() = Some(Box::new(|| panic!("on purpose")));
    let err = put(&store, "a".into(), Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Unknown(_)), "{err}");
    let err = put(&store, "a".into(), Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Poisoned), "{err}");
}

/// Which thread the next sync runs on.
fn noted(probe: &Probe) -> Receiver<Option<String>> {
    let (note, noted) = sync_channel(1);
    let hook = move || note.send(std::thread::current().name().map(ToOwned::to_owned)).unwrap();
    *probe.0.at_sync.lock() = Some(Box::new(hook));
    noted
}

const COMMITTER: Option<&str> = Some("updraft-commit");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_commit_is_done_by_its_caller() {
    let (probe, store) = open();
    let thread = noted(&probe);
    put(&store, "a".into(), Durability::Durable).now_or_never().unwrap().unwrap();
    assert_ne!(thread.recv().unwrap().as_deref(), COMMITTER);
}

#[tokio::test]
async fn on_a_runtime_of_one_thread_no_caller_waits_for_the_disk() {
    let (probe, store) = open();
    let thread = noted(&probe);
    put(&store, "a".into(), Durability::Durable).await.unwrap();
    assert_eq!(thread.recv().unwrap().as_deref(), COMMITTER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_while_a_caller_is_at_it_is_done_by_the_thread_in_one_round() {
    let (probe, store) = open();
    let store = Arc::new(store);
    let (here, go) = held(&probe);
    let runtime = tokio::runtime::Handle::current();
    let other = Arc::clone(&store);
    let lead = runtime.spawn_blocking({
        let runtime = runtime.clone();
        move || runtime.block_on(put(&other, "a".into(), Durability::Durable))
    });
    here.recv().unwrap();
    let mut behind: Vec<_> = (0..3).map(|n| Box::pin(put(&store, format!("b{n}"), Durability::Durable))).collect();
    assert!(behind.iter_mut().all(|put| put.now_or_never().is_none()), "they line up");
    let thread = noted(&probe);
    drop(go);
    lead.await.unwrap().unwrap();
    for done in futures_util::future::join_all(behind).await {
        done.unwrap();
    }
    assert_eq!(thread.recv().unwrap().as_deref(), COMMITTER);
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_lone_commit_is_one_sync() {
    let (probe, store) = open();
    for n in 0..3 {
        put(&store, format!("k{n}"), Durability::Durable).await.unwrap();
    }
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_relaxed_commit_doesnt_wait_for_a_sync_but_gets_one() {
    let (probe, store) = open();
    put(&store, "a".into(), Durability::Relaxed).await.unwrap();
    put(&store, "b".into(), Durability::Relaxed).await.unwrap();
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 0);
    store.close().await.unwrap();
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 1, "at the latest when it closes");
}

#[tokio::test]
async fn a_failed_sync_poisons_the_store_for_good() {
    let (probe, store) = open();
    let mut poisoned = store.watch(Topic::POISONED);
    probe.0.failing.store(true, Ordering::SeqCst);
    let err = put(&store, "a".into(), Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Unknown(_)), "{err}");
    poisoned.changed().await;
    store.watch(Topic::POISONED).changed().await;
    let (mut late, mut read) = (store.begin(TxnKind::ReadWrite), store.begin(TxnKind::ReadOnly));
    probe.0.failing.store(false, Ordering::SeqCst);
    assert!(matches!((&mut late).now_or_never().unwrap(), Err(StoreError::Poisoned)), "even if the disk comes back");
    assert_eq!((&mut read).await.unwrap().get(b"a").await.unwrap(), None, "reading goes on");
    assert!(store.close().await.is_err());
    assert_eq!(probe.0.syncs.load(Ordering::SeqCst), 0, "nothing was tried again");
}

/// Rows behind the first live one are work, and so are the dead ones before it; the scans of a queue's head must not
/// begin before the dead rows.
#[tokio::test]
async fn scans_of_a_head_step_over_no_dead_rows() {
    let (probe, store) = open();
    let key = |n: u32| Bytes::from(format!("q{n:06}"));
    let queue = || KeyRange::new("q", "r");
    let mut txn = begin(&store).await;
    (0..2_000).for_each(|n| txn.put(key(n), "x".into()));
    txn.commit(Durability::Durable).await.unwrap();
    let mut dead_stepped = 0;
    for round in 0..200 {
        let mut txn = begin(&store).await;
        let page = txn.scan(queue(), ScanOptions::limit(10).from_head()).await.unwrap();
        assert_eq!(page.rows.len(), 10);
        let start = probe.0.scans.lock().last().unwrap().start.clone();
        dead_stepped += (0..round * 10).filter(|dead| key(*dead) >= start).count();
        page.rows.iter().for_each(|(key, _)| txn.delete(key.clone()));
        txn.commit(Durability::Durable).await.unwrap();
    }
    assert!(dead_stepped <= 200 * 10, "{dead_stepped} dead rows: more than those of the round before");
}

#[tokio::test]
async fn a_transaction_that_was_open_for_too_long_conflicts() {
    let limits = Limits { txn_age: Duration::ZERO, ..Limits::HOUSE };
    let store = EmbeddedStore::open_with(Probe::default(), limits).unwrap();
    let err = put(&store, "a".into(), Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Conflict), "{err}");
    assert_eq!(store.begin(TxnKind::ReadOnly).await.unwrap().get(b"a").await.unwrap(), None);
}

#[tokio::test]
async fn an_old_transaction_that_writes_blindly_commits_behind_a_full_memory() {
    let (_probe, store) = open();
    let mut old = begin(&store).await;
    let mut reading = begin(&store).await;
    reading.get(b"cold").await.unwrap();
    for (txn, name) in [(&mut old, "old"), (&mut reading, "reading")] {
        txn.put(name.into(), "x".into());
    }
    let mut filler = begin(&store).await;
    (0..70_000).for_each(|n| filler.put(format!("f{n}").into(), Bytes::new()));
    filler.commit(Durability::Durable).await.unwrap();
    old.commit(Durability::Durable).await.unwrap();
    let err = reading.commit(Durability::Durable).await.unwrap_err();
    assert!(matches!(err, StoreError::Conflict), "what can't be validated conflicts: {err}");
}
