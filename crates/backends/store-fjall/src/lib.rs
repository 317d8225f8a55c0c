//! The embedded store on disk: the house's transactions over fjall, a log-structured merge tree.
//!
//! It must never know a service, and nothing outside of it knows fjall. Transactions, validation and group commit are
//! in `updraft_store::embedded`; here are opening a folder, one keyspace, and atomic synced batches. Start reading at
//! [`open`].

mod cut;
mod engine;
mod journal;
mod mark;
mod marks;
mod options;

use std::path::Path;
use std::sync::Arc;

use updraft_store::Result;
use updraft_store::embedded::EmbeddedStore;

pub use engine::{FjallEngine, FjallSnapshot};
pub use options::FjallOptions;

/// Opens the store in `folder`, which is made if it isn't there.
///
/// # Errors
/// [`InUse`](updraft_store::StoreError::InUse) while another process has it open,
/// [`NewerFormat`](updraft_store::StoreError::NewerFormat) if a newer updraft wrote it,
/// [`Corrupt`](updraft_store::StoreError::Corrupt) if it can't be read,
/// [`Engine`](updraft_store::StoreError::Engine) for anything else, such as a folder that may not be written.
pub fn open(folder: &Path, options: FjallOptions) -> Result<Arc<EmbeddedStore<FjallEngine>>> {
    let engine = FjallEngine::open(folder, options)?;
    EmbeddedStore::open(engine).map(Arc::new)
}
