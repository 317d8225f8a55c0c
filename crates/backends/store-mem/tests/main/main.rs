//! The store's own suite, in memory; and whether that suite finds what it should.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod broken;
mod faults;

use std::sync::Arc;

use updraft_store::Store;

async fn make() -> (Arc<dyn Store>, ()) {
    (updraft_store_mem::open().unwrap(), ())
}

updraft_store::store_suite!(make);
