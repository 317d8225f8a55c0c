//! Wake-ups.

use futures_util::FutureExt;

use super::*;
use crate::error::StoreError;
use crate::watch::Topic;

pub async fn a_touch_wakes_when_it_commits(store: Subject) {
    let topic = Topic::of(&[b"queue", b"a"]);
    let (mut watch, mut other) = (store.watch(topic), store.watch(Topic::of(&[b"queue", b"b"])));
    let mut txn = begin(&store).await;
    txn.touch(topic);
    txn.put(key("a"), "a".into());
    assert!(watch.changed().now_or_never().is_none(), "not before it commits");
    commit(txn).await.unwrap();
    watch.changed().await;
    assert!(other.changed().now_or_never().is_none());
}

pub async fn a_touch_that_isnt_committed_wakes_nobody(store: Subject) {
    let topic = Topic::of(&[b"queue"]);
    let mut watch = store.watch(topic);
    let (mut dropped, mut conflicting) = (begin(&store).await, begin(&store).await);
    dropped.touch(topic);
    dropped.put(key("b"), "b".into());
    conflicting.touch(topic);
    conflicting.get(&key("a")).await.unwrap();
    conflicting.put(key("b"), "b".into());
    cross(&store, "b", "a").await;
    assert!(matches!(commit(conflicting).await, Err(StoreError::Conflict)));
    drop(dropped);
    assert!(watch.changed().now_or_never().is_none());
}

pub async fn whoever_wakes_sees_the_write(store: Subject) {
    let topic = Topic::of(&[b"queue"]);
    for n in 0..50 {
        let name = n.to_string();
        let mut watch = store.watch(topic);
        let look = async {
            watch.changed().await;
            assert!(get(&store, &name).await.is_some(), "row {n}");
        };
        let write = async {
            let mut txn = begin(&store).await;
            txn.put(key(&name), "x".into());
            txn.touch(topic);
            commit(txn).await.unwrap();
        };
        futures_util::future::join(look, write).await;
    }
}
