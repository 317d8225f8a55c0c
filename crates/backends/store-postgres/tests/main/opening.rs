//! Opening: what is made, what is refused, and in which words.

use updraft_store::StoreError;

use super::*;

/// All that the error and its causes say.
fn words(err: &StoreError) -> String {
    let mut words = err.to_string();
    let mut cause = std::error::Error::source(err);
    while let Some(next) = cause {
        words = format!("{words}: {next}");
        cause = next.source();
    }
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_a_new_database_at_once() {
    let database = FreshDatabase::new().unwrap();
    let stores = futures_util::future::join_all((0..6).map(|_| open_owned(database.url()))).await;
    for store in stores {
        put(&*store.unwrap(), "a", "x").await.unwrap();
    }
}

async fn open_owned(url: String) -> Result<Arc<PostgresStore>> {
    open(&url).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_refused() {
    let (store, database) = make().await;
    store.close().await.unwrap();
    run(&database.url(), "UPDATE updraft.updraft SET version = 99").await;
    assert!(matches!(open(&database.url()).await, Err(StoreError::NewerFormat { found: 99, known: 1 })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemas_keep_stores_apart() {
    let (store, database) = make().await;
    let options = PostgresOptions { schema: "another".to_owned(), ..quiet() };
    let another = updraft_store_postgres::open(&database.url(), options).await.unwrap();
    put(&*store, "a", "x").await.unwrap();
    assert_eq!(get(&*another, &key("a")).await, None);
    let bad = PostgresOptions { schema: "Bad\"".to_owned(), ..quiet() };
    assert!(updraft_store_postgres::open(&database.url(), bad).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_in_words() {
    let (_store, database) = make().await;
    let url = database.url();
    let said = async |url: &str| words(&open(url).await.unwrap_err());
    let name = url.rsplit_once('/').unwrap().1.split('?').next().unwrap();
    let missing = said(&url.replace(name, "nowhere_to_be_found")).await;
    assert!(missing.contains("CREATE DATABASE"), "{missing}");
    let nobody = "postgres://u@127.0.0.1:1/d";
    assert!(matches!(open(nobody).await, Err(StoreError::Unavailable(_))));
    assert!(said(nobody).await.contains("127.0.0.1:1 can't be reached"), "{}", said(nobody).await);
    run(&url, &format!("ALTER DATABASE \"{name}\" SET default_transaction_read_only TO on")).await;
    let err = open(&url).await.unwrap_err();
    assert!(matches!(err, StoreError::Unavailable(_)), "{err:?}");
    assert!(words(&err).contains("does not allow writes"), "{}", words(&err));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_no_connection_free_is_told_so() {
    let database = FreshDatabase::new().unwrap();
    let options = PostgresOptions { connections: 1, wait: Duration::from_millis(50), ..quiet() };
    let store = updraft_store_postgres::open(&database.url(), options).await.unwrap();
    let mut first = begin(&*store).await;
    first.get(&key("a")).await.unwrap();
    let err = begin(&*store).await.get(&key("a")).await.unwrap_err();
    assert!(matches!(err, StoreError::Unavailable(_)), "{err:?}");
    drop(first);
    begin(&*store).await.get(&key("a")).await.unwrap();
}
