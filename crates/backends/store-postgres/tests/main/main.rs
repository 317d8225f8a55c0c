//! The suite over a real PostgreSQL, and what is particular to it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use updraft_store::Store;
use updraft_store_postgres::PostgresOptions;
use updraft_testkit::postgres::FreshDatabase;

/// No wake-ups but those that were asked for: the rules about watches tell them apart.
fn quiet() -> PostgresOptions {
    PostgresOptions { poll: Duration::from_secs(3_600), ..PostgresOptions::default() }
}

async fn make() -> (Arc<dyn Store>, FreshDatabase) {
    let database = FreshDatabase::new().unwrap();
    let store = updraft_store_postgres::open(&database.url(), quiet()).await.unwrap();
    (store, database)
}

updraft_store::store_suite!(make);
