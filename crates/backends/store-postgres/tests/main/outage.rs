//! A server that goes and comes back.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use updraft_kernel::Tasks;
use updraft_store::StoreError;
use updraft_testkit::postgres::PostgresServer;
use updraft_testkit::{wait_until, wait_until_async};

use super::*;

async fn reading_fails(store: &dyn Store) -> bool {
    let read = begin(store).await.get(&key("a")).await;
    if let Err(err) = &read {
        assert!(matches!(err, StoreError::Unavailable(_)), "{err:?}");
    }
    read.is_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_is_found_again() {
    let mut server = PostgresServer::start().unwrap();
    let store = open(&server.fresh_database().unwrap()).await.unwrap();
    put(&*store, "a", "x").await.unwrap();
    get(&*store, &key("a")).await.unwrap();
    let mut open_before = begin(&*store).await;
    open_before.get(&key("a")).await.unwrap();
    open_before.put(key("b"), "x".into());

    server.stop().unwrap();
    wait_until_async(LONG, async || reading_fails(&*store).await).await.unwrap();
    let err = put(&*store, "a", "y").await.unwrap_err();
    assert!(matches!(err, StoreError::Unavailable(_)), "{err:?}");
    assert!(matches!(store.now().await, Err(StoreError::Unavailable(_))));

    server.restart().unwrap();
    wait_until_async(LONG, async || !reading_fails(&*store).await).await.unwrap();
    assert!(open_before.commit(Durability::Durable).await.is_err(), "its reads were lost with the server");
    put(&*store, "a", "z").await.unwrap();
    assert_eq!(get(&*store, &key("a")).await.as_deref(), Some(&b"z"[..]));
    assert_eq!(get(&*store, &key("b")).await, None);
}

/// Idle connections died unnoticed; nobody is told of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_between_transactions_isnt_noticed() {
    let mut server = PostgresServer::start().unwrap();
    let store = open(&server.fresh_database().unwrap()).await.unwrap();
    for n in 0..3 {
        let name = n.to_string();
        put(&*store, &name, "x").await.unwrap();
        assert!(get(&*store, &key(&name)).await.is_some());
        server.kill9().unwrap();
        server.restart().unwrap();
        assert!(get(&*store, &key(&name)).await.is_some(), "acknowledged before the server was killed");
    }
}

/// What became of additions.
#[derive(Default)]
struct Tally {
    done: AtomicI64,
    unknown: AtomicI64,
}

/// Adds until told to stop; every other time after a read.
async fn keep_adding(store: Arc<PostgresStore>, tally: Arc<Tally>, stop: Arc<AtomicBool>) {
    let mut reads = false;
    while !stop.load(Ordering::SeqCst) {
        reads = !reads;
        let mut txn = begin(&*store).await;
        txn.add_i64(key("count"), 1);
        if reads && txn.get(&key("something")).await.is_err() {
            continue;
        }
        match txn.commit(Durability::Durable).await {
            Ok(_) => tally.done.fetch_add(1, Ordering::SeqCst),
            Err(StoreError::Unknown(_)) => tally.unknown.fetch_add(1, Ordering::SeqCst),
            Err(StoreError::Conflict | StoreError::Unavailable(_)) => continue,
            Err(err) => panic!("{err:?}"),
        };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_added_while_the_server_is_killed_is_added_once() {
    let mut server = PostgresServer::start().unwrap();
    let store = open(&server.fresh_database().unwrap()).await.unwrap();
    let (tally, stop, tasks) = (Arc::new(Tally::default()), Arc::new(AtomicBool::new(false)), Tasks::new());
    for _ in 0..8 {
        tasks.spawn("adds", keep_adding(Arc::clone(&store), Arc::clone(&tally), Arc::clone(&stop)));
    }
    for round in 1..=3 {
        wait_until(LONG, || tally.done.load(Ordering::SeqCst) >= round * 50).await.unwrap();
        server.kill9().unwrap();
        server.restart().unwrap();
    }
    wait_until(LONG, || tally.done.load(Ordering::SeqCst) >= 200).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0);
    let (done, unknown) = (tally.done.load(Ordering::SeqCst), tally.unknown.load(Ordering::SeqCst));
    let count = number(get(&*store, &key("count")).await);
    assert!((done..=done + unknown).contains(&count), "{done} acknowledged, {unknown} unknown, {count} there");
}
