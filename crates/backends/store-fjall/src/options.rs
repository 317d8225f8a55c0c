//! How much memory the engine may take.

use serde::{Deserialize, Serialize};

/// The defaults keep an idle platform below 25 MiB: both are filled only by use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FjallOptions {
    /// Blocks read lately, in bytes. Default 8 MiB.
    pub cache_bytes: u64,
    /// Writes kept in memory before they become a table, in bytes; also about how much is read again at opening.
    /// Default 8 MiB.
    pub write_buffer_bytes: u64,
    /// Threads that write tables and merge them, at least 1. Default 2, so that a long merge doesn't hold up writing.
    pub workers: usize,
}

impl Default for FjallOptions {
    fn default() -> Self {
        Self { cache_bytes: 8 << 20, write_buffer_bytes: 8 << 20, workers: 2 }
    }
}
