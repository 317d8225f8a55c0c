//! A connection that is lost during a commit: what was to be done once is done once.

use super::proxy::{Cut, MARK, Proxy, address};
use super::*;
use updraft_store::StoreError;

async fn through_proxy(options: PostgresOptions) -> (Arc<PostgresStore>, Proxy, FreshDatabase) {
    let database = FreshDatabase::new().unwrap();
    let proxy = Proxy::start(address(&database.url())).await;
    let store = updraft_store_postgres::open(&proxy.url(&database.url()), options).await.unwrap();
    put(&*store, "warm", "up").await.unwrap();
    (store, proxy, database)
}

/// Counts, and carries the mark by which the proxy knows it.
async fn count(store: &dyn Store, read_first: bool) -> Result<CommitVersion> {
    let mut txn = begin(store).await;
    if read_first {
        txn.get(&key("warm")).await?;
    }
    txn.add_i64(key("count"), 1);
    txn.put(key("marked"), MARK.into());
    txn.commit(Durability::Durable).await
}

async fn counted(store: &dyn Store) -> i64 {
    number(get(store, &key("count")).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blind_commit_is_done_once_wherever_the_connection_is_cut() {
    let (store, proxy, _database) = through_proxy(quiet()).await;
    for (cut, expected) in [(Cut::Before, 1), (Cut::After, 2)] {
        proxy.cut(cut);
        in_time(count(&*store, false)).await.unwrap();
        assert!(proxy.has_cut());
        assert_eq!(counted(&*store).await, expected, "{cut:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_has_read_is_done_or_runs_again() {
    let (store, proxy, _database) = through_proxy(quiet()).await;
    proxy.cut(Cut::Before);
    let err = in_time(count(&*store, true)).await.unwrap_err();
    assert!(matches!(err, StoreError::Conflict), "the database is there again: run again; {err:?}");
    assert_eq!(counted(&*store).await, 0);
    proxy.cut(Cut::After);
    in_time(count(&*store, true)).await.unwrap();
    assert!(proxy.has_cut());
    assert_eq!(counted(&*store).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_if_the_database_stays_away_is_the_outcome_unknown() {
    for read_first in [false, true] {
        let (store, proxy, database) =
            through_proxy(PostgresOptions { doubt: Duration::from_millis(300), ..quiet() }).await;
        proxy.cut_for_good(Cut::After);
        let err = in_time(count(&*store, read_first)).await.unwrap_err();
        assert!(matches!(err, StoreError::Unknown(_)), "{err:?}");
        let direct = open(&database.url()).await.unwrap();
        assert_eq!(counted(&*direct).await, 1, "in truth it was applied");
    }
}
