//! What backends in this process promise on top: each commit's version is its place in the order, so that whatever was
//! read must still be so at the commit; and nothing else conflicts. A networked backend may find an order in which a
//! transaction comes before one that committed earlier, and may refuse one that could have been let through.

use super::*;
use crate::error::StoreError;

fn is_conflict(result: Result<CommitVersion>) -> bool {
    matches!(result, Err(StoreError::Conflict))
}

pub async fn what_was_read_and_written_since_conflicts(store: Subject) {
    let (mut absent, mut scanned) = (begin(&store).await, begin(&store).await);
    assert_eq!(absent.get(&key("a")).await.unwrap(), None);
    assert!(names(&mut scanned, range("a", "m"), ScanOptions::default()).await.is_empty());
    absent.put(key("x"), "no a".into());
    scanned.put(key("y"), "none".into());
    fill(&store, &["a"]).await;
    assert!(is_conflict(commit(absent).await));
    assert!(is_conflict(commit(scanned).await));
}

pub async fn a_phantom_behind_the_end_of_a_page_doesnt_conflict(store: Subject) {
    fill(&store, &["a", "b", "y", "z"]).await;
    let (mut forth, mut back) = (begin(&store).await, begin(&store).await);
    assert_eq!(names(&mut forth, everything(), ScanOptions::limit(2)).await, ["a", "b"]);
    assert_eq!(names(&mut back, everything(), ScanOptions::limit(2).reversed()).await, ["z", "y"]);
    fill(&store, &["m"]).await;
    forth.put(key("forth"), "1".into());
    back.put(key("back"), "1".into());
    commit(forth).await.unwrap();
    commit(back).await.unwrap();
}

pub async fn an_untracked_scan_doesnt_conflict(store: Subject) {
    let mut txn = begin(&store).await;
    names(&mut txn, everything(), ScanOptions::default().untracked()).await;
    txn.put(key("b"), "b".into());
    fill(&store, &["a"]).await;
    commit(txn).await.unwrap();
}
