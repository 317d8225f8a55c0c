//! The store's own suite, in memory.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use updraft_store::Store;

async fn make() -> (Arc<dyn Store>, ()) {
    (updraft_store_mem::open().unwrap(), ())
}

updraft_store::store_suite!(make);
