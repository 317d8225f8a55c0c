//! What the faulty store does to commits.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use updraft_kernel::{SeededRng, SystemClock};
use updraft_store::faults::{Faults, FaultyStore};
use updraft_store::{KeyBuilder, Store, StoreError, StoreExt, tags};

const ALWAYS: u32 = 1_000;

fn key() -> Bytes {
    KeyBuilder::new(tags::TEST).build()
}

fn faulty(faults: Faults) -> FaultyStore {
    let store = updraft_store_mem::open().unwrap();
    let way = FaultyStore::new(store, Arc::new(SystemClock::new()), Arc::new(SeededRng::new(1)));
    way.set(faults);
    way
}

async fn put(store: &FaultyStore, value: &'static str) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.raw().get(&key()).await?;
    tx.raw().put(key(), value.into());
    tx.commit().await.map(drop)
}

async fn get(store: &FaultyStore) -> Option<Bytes> {
    store.set(Faults::default());
    store.read().await.unwrap().raw().get(&key()).await.unwrap()
}

#[tokio::test]
async fn a_refused_commit_isnt_applied() {
    let store = faulty(Faults { conflict: ALWAYS, ..Faults::default() });
    assert!(matches!(put(&store, "a").await, Err(StoreError::Conflict)));
    assert_eq!(get(&store).await, None);
    assert_eq!(store.injected(), 1);
}

#[tokio::test]
async fn an_unknown_one_is_applied_or_lost() {
    let store = faulty(Faults { unknown_applied: ALWAYS, ..Faults::default() });
    assert!(matches!(put(&store, "a").await, Err(StoreError::Unknown(_))));
    assert_eq!(get(&store).await.as_deref(), Some(&b"a"[..]));
    store.set(Faults { unknown_lost: ALWAYS, ..Faults::default() });
    assert!(matches!(put(&store, "b").await, Err(StoreError::Unknown(_))));
    assert_eq!(get(&store).await.as_deref(), Some(&b"a"[..]));
}

#[tokio::test]
async fn a_late_one_arrives_later_unless_it_conflicts_by_then() {
    let late = Faults { unknown_late: ALWAYS, ..Faults::default() };
    let store = faulty(late);
    assert!(matches!(put(&store, "late").await, Err(StoreError::Unknown(_))));
    store.land().await;
    assert_eq!(get(&store).await.as_deref(), Some(&b"late"[..]));
    store.set(late);
    assert!(matches!(put(&store, "too late").await, Err(StoreError::Unknown(_))));
    store.set(Faults::default());
    put(&store, "first").await.unwrap();
    store.land().await;
    assert_eq!(get(&store).await.as_deref(), Some(&b"first"[..]));
}

#[tokio::test]
async fn nothing_gets_through_while_the_way_is_cut() {
    let store = faulty(Faults::default());
    let mut tx = store.write().await.unwrap();
    tx.raw().put(key(), "a".into());
    store.cut(true);
    assert!(matches!(store.read().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.now().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(tx.commit().await, Err(StoreError::Unavailable(_))));
    store.cut(false);
    assert_eq!(get(&store).await, None);
}

#[tokio::test]
async fn what_is_frozen_stops_and_goes_on_where_it_was() {
    let store = faulty(Faults::default());
    store.freeze(true);
    let mut waits = Box::pin(put(&store, "a"));
    assert!((&mut waits).now_or_never().is_none());
    store.freeze(false);
    waits.await.unwrap();
    assert_eq!(get(&store).await.as_deref(), Some(&b"a"[..]));
}
