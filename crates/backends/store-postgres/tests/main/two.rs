//! Two nodes on one database.

use futures_util::future::join_all;
use updraft_store::{Topic, run};
use updraft_testkit::wait_until_async;

use super::*;

async fn two() -> (Arc<PostgresStore>, Arc<PostgresStore>, FreshDatabase) {
    let database = FreshDatabase::new().unwrap();
    let url = database.url();
    let (one, other) = tokio::join!(open(&url), open(&url));
    (one.unwrap(), other.unwrap(), database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_sees_what_the_other_committed() {
    let (one, other, _database) = two().await;
    for n in 0..20 {
        let name = n.to_string();
        put(&*one, &name, "x").await.unwrap();
        assert!(get(&*other, &key(&name)).await.is_some());
    }
    let (mut here, mut there) = (begin(&*one).await, begin(&*other).await);
    for txn in [&mut here, &mut there] {
        txn.get(&key("0")).await.unwrap();
        txn.put(key("0"), "changed".into());
    }
    here.commit(Durability::Durable).await.unwrap();
    assert!(matches!(there.commit(Durability::Durable).await, Err(updraft_store::StoreError::Conflict)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_touch_on_one_wakes_watchers_on_the_other() {
    let (one, other, _database) = two().await;
    let topic = Topic::of(&[b"queue"]);
    let mut watch = other.watch(topic);
    let woken = std::sync::atomic::AtomicBool::new(false);
    let waits = async {
        watch.changed().await;
        woken.store(true, std::sync::atomic::Ordering::SeqCst);
    };
    // Again and again, since the other may not listen yet.
    let touches = wait_until_async(LONG, async || {
        let mut txn = begin(&*one).await;
        txn.touch(topic);
        txn.put(key("n"), "x".into());
        txn.commit(Durability::Durable).await.unwrap();
        woken.load(std::sync::atomic::Ordering::SeqCst)
    });
    let ((), touched) = tokio::join!(in_time(waits), touches);
    touched.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_looks_now_and_then_without_being_told() {
    let database = FreshDatabase::new().unwrap();
    let options = PostgresOptions { poll: Duration::from_millis(20), ..PostgresOptions::default() };
    let store = updraft_store_postgres::open(&database.url(), options).await.unwrap();
    let (mut watch, mut poisoned) = (store.watch(Topic::of(&[b"queue"])), store.watch(Topic::POISONED));
    for _ in 0..3 {
        in_time(watch.changed()).await;
    }
    assert!(futures_util::FutureExt::now_or_never(poisoned.changed()).is_none(), "that would end the process");
}

/// A notification may be lost with the node that was to send it, and a busy node must find out, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_looks_now_and_then_however_much_is_touched_beside() {
    let database = FreshDatabase::new().unwrap();
    let options = PostgresOptions { poll: Duration::from_millis(200), ..PostgresOptions::default() };
    let store = updraft_store_postgres::open(&database.url(), options).await.unwrap();
    let mut watch = store.watch(Topic::of(&[b"queue"]));
    let touches = async {
        loop {
            let mut txn = begin(&*store).await;
            txn.touch(Topic::of(&[b"another"]));
            txn.put(key("n"), "x".into());
            txn.commit(Durability::Durable).await.unwrap();
        }
    };
    tokio::select! {
        () = in_time(watch.changed()) => {}
        () = touches => {}
    }
}

/// Appends of both to one prefix: a reader that has read up to one never finds another below it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_of_both_are_in_the_order_of_their_commits() {
    let (one, other, _database) = two().await;
    let log = || KeyBuilder::new(tags::TEST).str("log");
    let append = |store: Arc<PostgresStore>, reads: bool| async move {
        for _ in 0..25 {
            let work = |mut tx: updraft_store::Tx| async move {
                if reads {
                    tx.raw().get(&key("something")).await?;
                }
                tx.raw().put_versioned(log().build(), Bytes::new(), "x".into());
                tx.commit().await.map(drop)
            };
            run::<(), updraft_store::StoreError, _>(&*store, work).await.unwrap();
        }
    };
    let reader = async {
        let mut seen: Vec<Bytes> = Vec::new();
        while seen.len() < 100 {
            let mut txn = other.begin(TxnKind::ReadOnly).await.unwrap();
            let Ok(page) = txn.scan(log().prefix_range(), updraft_store::ScanOptions::default()).await else {
                continue;
            };
            let now: Vec<_> = page.rows.into_iter().map(|(key, _)| key).collect();
            assert!(now.starts_with(&seen), "something turned up below what was seen");
            seen = now;
        }
    };
    let writers = [(&one, true), (&one, false), (&other, true), (&other, false)];
    let writers = join_all(writers.map(|(store, reads)| append(Arc::clone(store), reads)));
    in_time(futures_util::future::join(reader, writers)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_is_the_databases() {
    let (one, other, database) = two().await;
    let mut last = one.now().await.unwrap();
    for store in [&other, &one, &other] {
        let now = store.now().await.unwrap();
        assert!(now >= last);
        last = now;
    }
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8";
    assert!(ask(&database.url(), sql).await >= last.0);
    assert!(one.is_shared());
}
