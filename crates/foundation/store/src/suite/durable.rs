//! What stays when a store is opened again. `open` opens the same data each time.

use super::*;
use crate::error::StoreError;

async fn closed(store: Subject) {
    store.close().await.unwrap();
    drop(store);
}

pub async fn what_was_committed_is_there_after_reopening(open: impl AsyncFn() -> Result<Subject>) {
    let store = open().await.unwrap();
    fill(&store, &["a", "b", "c"]).await;
    let mut txn = begin(&store).await;
    txn.delete(key("b"));
    commit(txn).await.unwrap();
    drop(store);
    let store = open().await.unwrap();
    assert_eq!(names(&mut reader(&store).await, everything(), ScanOptions::default()).await, ["a", "c"]);
}

pub async fn versions_go_on_after_reopening(open: impl AsyncFn() -> Result<Subject>) {
    let mut last = CommitVersion(0);
    for _ in 0..3 {
        let store = open().await.unwrap();
        let mut txn = begin(&store).await;
        txn.put_versioned(key("log"), Bytes::new(), "x".into());
        let version = commit(txn).await.unwrap();
        assert!(version > last);
        last = version;
        closed(store).await;
    }
    let store = open().await.unwrap();
    let found = reader(&store).await.scan(everything(), ScanOptions::default()).await.unwrap();
    assert_eq!(found.rows.len(), 3, "no append was overwritten");
}

pub async fn raised_versions_stay_raised(open: impl AsyncFn() -> Result<Subject>) {
    const HIGH: CommitVersion = CommitVersion(1 << 40);
    let store = open().await.unwrap();
    store.raise_version(HIGH).await.unwrap();
    closed(store).await;
    let store = open().await.unwrap();
    assert!(store.raise_version(CommitVersion(0)).await.unwrap() >= HIGH);
    closed(store).await;
}

pub async fn a_relaxed_commit_is_there_after_closing(open: impl AsyncFn() -> Result<Subject>) {
    let store = open().await.unwrap();
    let mut txn = begin(&store).await;
    txn.put(key("a"), "a".into());
    txn.commit(Durability::Relaxed).await.unwrap();
    closed(store).await;
    assert!(get(&open().await.unwrap(), "a").await.is_some());
}

pub async fn a_folder_has_one_owner(open: impl AsyncFn() -> Result<Subject>) {
    let store = open().await.unwrap();
    assert!(matches!(open().await, Err(StoreError::InUse)));
    closed(store).await;
    open().await.unwrap();
}
