//! The store in PostgreSQL, or whatever speaks its protocol: for many nodes over one database.
//!
//! It must never know a service. Reads are serialisable transactions of the database; writes stay with their
//! transaction until it commits and then go in one statement. Transactions that only write are committed in groups.
//! `docs/adr/0007-postgresql.md` says why. Start reading at [`open`], then at `txn`, then at `apply`.

mod apply;
mod commit;
mod connect;
mod counters;
mod errors;
mod heat;
mod keeper;
mod keys;
mod lanes;
mod marks;
mod options;
mod pool;
mod reads;
mod schema;
mod session;
mod shared;
mod store;
mod tls;
mod txn;
mod url;
mod wakes;

use std::sync::Arc;

use updraft_store::Result;

pub use options::PostgresOptions;
pub use store::PostgresStore;

/// Opens the store at `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`, making or migrating its schema. Several
/// hosts may be named, with commas: the one that writes is taken.
///
/// # Errors
/// [`Unavailable`](updraft_store::StoreError::Unavailable) if the database can't be reached now,
/// [`NewerFormat`](updraft_store::StoreError::NewerFormat) if a newer updraft has been here, and
/// [`Engine`](updraft_store::StoreError::Engine) with a sentence about what to do for what doesn't pass by itself: a
/// wrong password, a missing database, an unreadable URL.
pub async fn open(url: &str, options: PostgresOptions) -> Result<Arc<PostgresStore>> {
    PostgresStore::open(url, options).await
}
