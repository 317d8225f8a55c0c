//! Functions that are WebAssembly components, where this build has what runs them.

use std::path::PathBuf;
use std::sync::Arc;

use updraft_exec::Runtime;

use crate::config::Config;

/// For `updraft doctor`.
pub(crate) const fn told(config: &Config) -> &'static str {
    match (cfg!(feature = "wasm"), config.no_wasm) {
        (false, _) => "this build doesn't run them (cargo feature `wasm`, on in releases)",
        (true, true) => "refused (--no-wasm)",
        (true, false) => "this build runs them, as functions of the runtimes `provided`, within the platform's process",
    }
}

/// Components come as functions of the operating-system-only runtimes, which refuse them. `folder`: for what is compiled;
/// without one, they are left to those.
#[cfg(feature = "wasm")]
pub(crate) fn beside(provided: Arc<dyn Runtime>, folder: Option<PathBuf>) -> Arc<dyn Runtime> {
    match folder {
        Some(folder) => Arc::new(updraft_runtime_wasm::Wasm::new(provided, folder)),
        None => provided,
    }
}

/// Components come as functions of the operating-system-only runtimes, which refuse them.
#[cfg(not(feature = "wasm"))]
pub(crate) fn beside(provided: Arc<dyn Runtime>, _folder: Option<PathBuf>) -> Arc<dyn Runtime> {
    provided
}
