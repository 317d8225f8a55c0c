//! Functions that are WebAssembly components, where this build has what runs them.

use std::path::PathBuf;
use std::sync::Arc;

use updraft_exec::Runtime;

/// For `updraft doctor`.
#[cfg(feature = "wasm")]
pub(crate) const TOLD: &str = "this build runs them, as functions of the runtimes `provided`";
#[cfg(not(feature = "wasm"))]
pub(crate) const TOLD: &str = "this build doesn't run them (cargo feature `wasm`, on in releases)";

/// Components come as functions of the operating-system-only runtimes.
#[cfg(feature = "wasm")]
pub(crate) fn beside(provided: Arc<dyn Runtime>, folder: Option<PathBuf>) -> Arc<dyn Runtime> {
    Arc::new(updraft_runtime_wasm::Wasm::new(provided, folder))
}

/// Components come as functions of the operating-system-only runtimes, which refuse them.
#[cfg(not(feature = "wasm"))]
pub(crate) fn beside(provided: Arc<dyn Runtime>, _folder: Option<PathBuf>) -> Arc<dyn Runtime> {
    provided
}
