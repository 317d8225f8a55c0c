//! How much memory the engine may take.

use serde::{Deserialize, Serialize};

/// The default suits a machine that has other things to do as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedbOptions {
    /// Pages read lately and pages being written, in bytes. Default 16 MiB.
    pub cache_bytes: usize,
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20 }
    }
}
