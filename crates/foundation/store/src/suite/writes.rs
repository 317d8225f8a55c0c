//! Writing: limits, counters, appends, range deletions.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::Tx;
use crate::error::StoreError;
use crate::key::KeyReader;
use crate::seam::Limits;

pub async fn a_read_only_transaction_cant_write(store: Subject) {
    let mut txn = reader(&store).await;
    txn.put(key("a"), "a".into());
    assert!(matches!(commit(txn).await, Err(StoreError::ReadOnly)));
    assert_eq!(get(&store, "a").await, None);
}

pub async fn what_is_dropped_is_undone(store: Subject) {
    let mut txn = begin(&store).await;
    txn.put(key("a"), "a".into());
    drop(txn);
    assert_eq!(get(&store, "a").await, None);
}

pub async fn what_waits_for_a_commit_runs_with_it_alone(store: Subject) {
    let ran = Arc::new(AtomicU32::new(0));
    let open = async |adds: u32| {
        let (mut tx, ran) = (Tx::new(begin(&store).await), Arc::clone(&ran));
        tx.when_committed(move || {
            ran.fetch_add(adds, Ordering::SeqCst);
        });
        tx.raw().get(&key("a")).await.unwrap();
        tx.raw().put(key("a"), "a".into());
        tx
    };
    let (first, second, dropped) = (open(1).await, open(10).await, open(100).await);
    drop(dropped);
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    first.commit().await.unwrap();
    assert!(second.commit().await.is_err());
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}

pub async fn big_values_come_back_whole(store: Subject) {
    let limits = store.limits();
    assert!(limits.value_bytes >= Limits::HOUSE.value_bytes && limits.txn_bytes >= Limits::HOUSE.txn_bytes);
    let value: Bytes = (0..Limits::HOUSE.value_bytes).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let name = "k".repeat(2_000);
    let mut txn = begin(&store).await;
    for n in 0..20 {
        txn.put(key(&format!("{name}{n:02}")), value.clone());
    }
    commit(txn).await.unwrap();
    let page = reader(&store).await.scan(everything(), ScanOptions::default().max_bytes(usize::MAX)).await.unwrap();
    assert_eq!(page.rows.len(), 20);
    assert!(page.rows.iter().all(|(_, found)| *found == value));
}

pub async fn what_is_over_a_limit_is_refused_and_nothing_applied(store: Subject) {
    let limits = store.limits();
    let refused = async |fill: &dyn Fn(&mut dyn Txn)| {
        let mut txn = begin(&store).await;
        txn.put(key("a"), "a".into());
        fill(&mut *txn);
        let err = commit(txn).await.unwrap_err();
        assert!(matches!(err, StoreError::TooLarge { .. }), "{err}");
        assert_eq!(get(&store, "a").await, None);
    };
    refused(&|txn| txn.put(key("v"), vec![0; limits.value_bytes + 1].into())).await;
    refused(&|txn| txn.put(vec![tags::TEST; limits.key_bytes + 1].into(), Bytes::new())).await;
    refused(&|txn| txn.delete(vec![tags::TEST; limits.key_bytes + 1].into())).await;
    let values = limits.txn_bytes / limits.value_bytes + 1;
    let value = Bytes::from(vec![0; limits.value_bytes]);
    refused(&|txn| (0..values).for_each(|n| txn.put(key(&n.to_string()), value.clone()))).await;
}

pub async fn counters_add_up_without_conflicts(store: Subject) {
    let mut open: Vec<_> = Vec::new();
    for delta in 1..=10 {
        let mut txn = begin(&store).await;
        txn.add_i64(key("n"), delta);
        open.push(txn);
    }
    for done in futures_util::future::join_all(open.into_iter().map(commit)).await {
        done.unwrap();
    }
    assert_eq!(get(&store, "n").await.as_deref(), Some(&55i64.to_le_bytes()[..]));
    let mut txn = begin(&store).await;
    txn.add_i64(key("n"), -5);
    txn.add_i64(key("n"), -50);
    assert_eq!(txn.get(&key("n")).await.unwrap().as_deref(), Some(&0i64.to_le_bytes()[..]), "seen by itself");
    commit(txn).await.unwrap();
    assert_eq!(get(&store, "n").await.as_deref(), Some(&0i64.to_le_bytes()[..]));
}

pub async fn a_counter_over_something_else_is_refused(store: Subject) {
    fill(&store, &["text"]).await;
    let mut txn = begin(&store).await;
    txn.add_i64(key("text"), 1);
    txn.put(key("other"), "x".into());
    assert!(matches!(commit(txn).await, Err(StoreError::Corrupt { .. })));
    assert_eq!(get(&store, "other").await, None, "nothing of it is applied");
}

pub async fn appends_carry_their_commit_version(store: Subject) {
    let log = || KeyBuilder::new(tags::TEST).str("log");
    let mut open = Vec::new();
    for n in 0..3u64 {
        let mut txn = begin(&store).await;
        for part in [1, 2] {
            let suffix = KeyBuilder::new(0).u64(part).build();
            txn.put_versioned(log().build(), suffix, n.to_string().into());
        }
        open.push(txn);
    }
    let mut versions = Vec::new();
    for txn in open {
        versions.push(commit(txn).await.unwrap());
    }
    let page = reader(&store).await.scan(log().prefix_range(), ScanOptions::default()).await.unwrap();
    let mut found = Vec::new();
    for (key, _) in &page.rows {
        let mut parts = KeyReader::new(key, tags::TEST).unwrap();
        assert_eq!(parts.str().unwrap(), "log");
        found.push(parts.version().unwrap());
    }
    let twice: Vec<_> = versions.iter().flat_map(|version| [*version, *version]).collect();
    assert_eq!(found, twice, "in commit order, two rows for each");
}

pub async fn raised_versions_are_never_gone_below(store: Subject) {
    let append = async || {
        let mut txn = begin(&store).await;
        txn.put_versioned(KeyBuilder::new(tags::TEST).str("log").build(), Bytes::new(), "x".into());
        commit(txn).await.unwrap()
    };
    let first = append().await;
    let told = store.raise_version(CommitVersion(0)).await.unwrap();
    assert!(told >= first, "it tells of what was written");
    let raised = store.raise_version(CommitVersion(told.0 + 1_000_000)).await.unwrap();
    assert!(raised.0 >= told.0 + 1_000_000);
    assert!(append().await > raised);
    let kept = store.raise_version(told).await.unwrap();
    assert!(kept >= raised, "versions aren't lowered");
    assert!(append().await > kept);
    assert_eq!(reader(&store).await.scan(everything(), ScanOptions::default()).await.unwrap().rows.len(), 3);
}

pub async fn a_range_deletion_takes_all_and_only_its_range(store: Subject) {
    fill(&store, &["a", "b", "c", "d"]).await;
    let mut txn = begin(&store).await;
    txn.put(key("bb"), "gone".into());
    txn.delete_range(range("b", "d"));
    txn.put(key("c"), "c".into());
    commit(txn).await.unwrap();
    assert_eq!(names(&mut reader(&store).await, everything(), ScanOptions::default()).await, ["a", "c", "d"]);
}

pub async fn a_range_deletion_takes_what_was_committed_before_it(store: Subject) {
    fill(&store, &["b"]).await;
    let mut txn = begin(&store).await;
    txn.delete_range(range("a", "c"));
    fill(&store, &["bb"]).await;
    commit(txn).await.unwrap();
    let left = names(&mut reader(&store).await, everything(), ScanOptions::default()).await;
    assert!(left.is_empty(), "it came first, so it is deleted: {left:?}");
}

pub async fn clearing_takes_any_number_of_rows(store: Subject) {
    fill(&store, &["a", "z"]).await;
    let mut txn = begin(&store).await;
    (0..2_500).for_each(|n| txn.put(key(&format!("m{n:05}")), "x".into()));
    commit(txn).await.unwrap();
    crate::clear(&*store, range("m", "n")).await.unwrap();
    assert_eq!(names(&mut reader(&store).await, everything(), ScanOptions::default()).await, ["a", "z"]);
}

pub async fn a_relaxed_commit_is_visible(store: Subject) {
    let mut txn = begin(&store).await;
    txn.put(key("a"), "a".into());
    txn.commit(Durability::Relaxed).await.unwrap();
    assert_eq!(get(&store, "a").await.as_deref(), Some(&b"a"[..]));
}

pub async fn a_closed_store_refuses(store: Subject) {
    let mut txn = begin(&store).await;
    txn.put(key("a"), "a".into());
    store.close().await.unwrap();
    assert!(matches!(commit(txn).await, Err(StoreError::Closed)));
}
