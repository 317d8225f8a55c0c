//! The suite over a real PostgreSQL, and what is particular to it.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod counters;
mod doubt;
mod groups;
mod keys;
mod opening;
mod outage;
mod proxy;
mod reopening;
mod tls;
mod two;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::{Clock, SystemClock};
use updraft_store::{CommitVersion, Durability, KeyBuilder, Result, Store, Txn, TxnKind, tags};
use updraft_store_postgres::{PostgresOptions, PostgresStore};
use updraft_testkit::postgres::FreshDatabase;

/// How long anything may take that isn't measured.
const LONG: Duration = Duration::from_secs(30);

/// No wake-ups but those that were asked for: the rules about watches tell them apart.
fn quiet() -> PostgresOptions {
    PostgresOptions { poll: Duration::from_secs(3_600), ..PostgresOptions::default() }
}

async fn open(url: &str) -> Result<Arc<PostgresStore>> {
    updraft_store_postgres::open(url, quiet()).await
}

async fn make() -> (Arc<dyn Store>, FreshDatabase) {
    let database = FreshDatabase::new().unwrap();
    let store = open(&database.url()).await.unwrap();
    (store, database)
}

updraft_store::store_suite!(make, networked);

fn key(name: &str) -> Bytes {
    KeyBuilder::new(tags::TEST).str(name).build()
}

async fn begin(store: &dyn Store) -> Box<dyn Txn> {
    store.begin(TxnKind::ReadWrite).await.unwrap()
}

async fn get(store: &dyn Store, key: &[u8]) -> Option<Bytes> {
    store.begin(TxnKind::ReadOnly).await.unwrap().get(key).await.unwrap()
}

async fn put(store: &dyn Store, name: &str, value: &'static str) -> Result<CommitVersion> {
    let mut txn = begin(store).await;
    txn.put(key(name), value.into());
    txn.commit(Durability::Durable).await
}

fn number(value: Option<Bytes>) -> i64 {
    value.map_or(0, |value| i64::from_le_bytes(value[..].try_into().unwrap()))
}

/// The work's outcome, unless it takes too long.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        () = SystemClock::new().pause(LONG) => panic!("not done after {LONG:?}"),
    }
}

/// One value from the database, past the store.
async fn ask(url: &str, sql: &str) -> i64 {
    let rows = run(url, sql).await;
    rows.first().map_or(0, |text| text.parse().unwrap())
}

/// Statements past the store; the first column of their rows.
async fn run(url: &str, sql: &str) -> Vec<String> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let work = async {
        let said = client.simple_query(sql).await.unwrap();
        drop(client);
        let first = said.into_iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        first.collect()
    };
    let (ended, found) = tokio::join!(connection, work);
    ended.unwrap();
    found
}
