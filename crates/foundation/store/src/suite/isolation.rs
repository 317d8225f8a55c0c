//! Serialisability: what conflicts and what doesn't.

use super::*;
use crate::error::StoreError;
use crate::run::run;

fn is_conflict(result: Result<CommitVersion>) -> bool {
    matches!(result, Err(StoreError::Conflict))
}

pub async fn a_lost_update_conflicts(store: Subject) {
    fill(&store, &["a"]).await;
    let (mut one, mut two) = (begin(&store).await, begin(&store).await);
    for txn in [&mut one, &mut two] {
        txn.get(&key("a")).await.unwrap();
        txn.put(key("a"), "new".into());
    }
    commit(one).await.unwrap();
    assert!(is_conflict(commit(two).await));
}

pub async fn a_write_skew_conflicts(store: Subject) {
    fill(&store, &["a", "b"]).await;
    let (mut one, mut two) = (begin(&store).await, begin(&store).await);
    one.get(&key("a")).await.unwrap();
    two.get(&key("b")).await.unwrap();
    one.put(key("b"), "1".into());
    two.put(key("a"), "2".into());
    commit(one).await.unwrap();
    assert!(is_conflict(commit(two).await));
}

pub async fn a_phantom_conflicts(store: Subject) {
    let (mut one, mut two) = (begin(&store).await, begin(&store).await);
    assert!(names(&mut one, range("a", "m"), ScanOptions::default()).await.is_empty());
    assert!(names(&mut two, range("n", "z"), ScanOptions::default()).await.is_empty());
    one.put(key("x"), "no a to m".into());
    two.put(key("b"), "no n to z".into());
    commit(one).await.unwrap();
    assert!(is_conflict(commit(two).await));
}

/// The end of a page is the row that it ends with.
pub async fn a_change_of_the_last_row_of_a_page_conflicts(store: Subject) {
    fill(&store, &["a", "b", "y", "z"]).await;
    for (options, last) in [(ScanOptions::limit(2), "b"), (ScanOptions::limit(2).reversed(), "y")] {
        let mut txn = begin(&store).await;
        assert_eq!(names(&mut txn, everything(), options).await.last().map(String::as_str), Some(last));
        txn.put(key("count"), "2".into());
        cross(&store, "count", last).await;
        assert!(is_conflict(commit(txn).await), "{options:?}");
    }
}

pub async fn a_vanished_row_conflicts(store: Subject) {
    fill(&store, &["a", "m"]).await;
    let mut txn = begin(&store).await;
    assert_eq!(names(&mut txn, everything(), ScanOptions::default()).await, ["a", "m"]);
    txn.put(key("count"), "2".into());
    let mut other = begin(&store).await;
    assert_eq!(other.get(&key("count")).await.unwrap(), None);
    other.delete_range(range("m", "n"));
    commit(other).await.unwrap();
    assert!(is_conflict(commit(txn).await));
}

pub async fn a_write_over_what_was_deleted_since_it_was_read_conflicts(store: Subject) {
    fill(&store, &["a"]).await;
    let mut txn = begin(&store).await;
    assert!(txn.get(&key("a")).await.unwrap().is_some());
    txn.put(key("a"), "changed".into());
    let mut other = begin(&store).await;
    other.delete(key("a"));
    commit(other).await.unwrap();
    assert!(is_conflict(commit(txn).await));
    assert_eq!(get(&store, "a").await, None);
}

pub async fn reading_an_absent_row_is_a_read(store: Subject) {
    let (mut one, mut two) = (begin(&store).await, begin(&store).await);
    assert_eq!(one.get(&key("a")).await.unwrap(), None);
    assert_eq!(two.get(&key("b")).await.unwrap(), None);
    one.put(key("b"), "no a".into());
    two.put(key("a"), "no b".into());
    commit(one).await.unwrap();
    assert!(is_conflict(commit(two).await));
}

pub async fn blind_writes_dont_conflict(store: Subject) {
    let (mut one, mut two) = (begin(&store).await, begin(&store).await);
    one.put(key("a"), "1".into());
    two.put(key("a"), "2".into());
    commit(two).await.unwrap();
    commit(one).await.unwrap();
    assert_eq!(get(&store, "a").await.as_deref(), Some(&b"1"[..]), "the later commit is the later write");
}

pub async fn own_writes_arent_reads(store: Subject) {
    let mut txn = begin(&store).await;
    txn.put(key("a"), "mine".into());
    txn.get(&key("a")).await.unwrap();
    fill(&store, &["a"]).await;
    commit(txn).await.unwrap();
    assert_eq!(get(&store, "a").await.as_deref(), Some(&b"mine"[..]));
}

pub async fn a_read_only_transaction_never_conflicts(store: Subject) {
    fill(&store, &["a"]).await;
    let mut txn = reader(&store).await;
    txn.get(&key("a")).await.unwrap();
    fill(&store, &["a"]).await;
    commit(txn).await.unwrap();
    let mut txn = begin(&store).await;
    txn.get(&key("a")).await.unwrap();
    fill(&store, &["a"]).await;
    commit(txn).await.expect("one that turned out to write nothing is like a read-only one");
}

pub async fn a_conflict_applies_nothing(store: Subject) {
    fill(&store, &["a"]).await;
    let mut txn = begin(&store).await;
    txn.get(&key("a")).await.unwrap();
    txn.put(key("b"), "b".into());
    txn.add_i64(key("n"), 1);
    txn.put_versioned(key("log"), Bytes::new(), "x".into());
    cross(&store, "b", "a").await;
    assert!(is_conflict(commit(txn).await));
    assert_eq!(names(&mut reader(&store).await, everything(), ScanOptions::default()).await, ["a"]);
}

pub async fn run_tries_again_until_it_commits(store: Subject) {
    fill(&store, &["a"]).await;
    let (mut tries, store) = (0, &store);
    let work = |mut tx: crate::Tx| {
        tries += 1;
        let again = tries < 3;
        async move {
            tx.raw().get(&key("a")).await?;
            if again {
                cross(store, "done", "a").await;
            }
            tx.raw().put(key("done"), "x".into());
            tx.commit().await
        }
    };
    run(&**store, work).await.unwrap();
    assert_eq!(tries, 3);
    assert!(get(store, "done").await.is_some());
}

pub async fn versions_grow(store: Subject) {
    let mut last = CommitVersion(0);
    for _ in 0..5 {
        let mut txn = begin(&store).await;
        txn.put(key("a"), "x".into());
        let version = commit(txn).await.unwrap();
        assert!(version > last);
        last = version;
    }
}

/// Strict: what was answered is in every snapshot taken from then on.
pub async fn what_was_answered_is_seen_by_the_next(store: Subject) {
    for n in 0..50 {
        let name = n.to_string();
        fill(&store, &[&name]).await;
        assert!(get(&store, &name).await.is_some(), "row {n}");
    }
}
