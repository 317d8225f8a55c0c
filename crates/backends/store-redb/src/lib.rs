//! The embedded store on disk, the second way: the house's transactions over redb, a copy-on-write B-tree.
//!
//! It keeps the seam honest, as its design is another than fjall's, and it is the exit should fjall fail us. It must
//! never know a service, and nothing outside of it knows redb. Start reading at [`open`].

mod engine;
mod options;
mod translate;

use std::path::Path;
use std::sync::Arc;

use updraft_store::Result;
use updraft_store::embedded::EmbeddedStore;

pub use engine::{RedbEngine, RedbSnapshot};
pub use options::RedbOptions;

/// Opens the store in `folder`, which is made if it isn't there.
///
/// After a crash redb reads the whole file to find what is free in it: opening then takes time in proportion to it.
///
/// # Errors
/// [`InUse`](updraft_store::StoreError::InUse) while another process has it open,
/// [`NewerFormat`](updraft_store::StoreError::NewerFormat) if a newer updraft wrote it,
/// [`Corrupt`](updraft_store::StoreError::Corrupt) if it can't be read,
/// [`Engine`](updraft_store::StoreError::Engine) for anything else, such as a folder that may not be written.
pub fn open(folder: &Path, options: RedbOptions) -> Result<Arc<EmbeddedStore<RedbEngine>>> {
    let engine = RedbEngine::open(folder, options)?;
    EmbeddedStore::open(engine).map(Arc::new)
}
