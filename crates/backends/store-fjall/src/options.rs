//! How much memory the engine may take.

use serde::{Deserialize, Serialize};

/// The defaults keep an idle platform below 25 MiB: both are filled only by use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FjallOptions {
    /// Blocks read lately, in bytes. Default 8 MiB.
    pub cache_bytes: u64,
    /// Writes kept in memory before they become a table, in bytes. Default 8 MiB.
    pub write_buffer_bytes: u64,
    /// What opening may read again, roughly, in bytes; with more, a table is written a moment later. Default 32 KiB.
    pub mark_bytes: u64,
    /// That moment, in which more may come that goes into the same table, in milliseconds. Default 500.
    pub mark_pause_millis: u64,
}

impl Default for FjallOptions {
    fn default() -> Self {
        Self { cache_bytes: 8 << 20, write_buffer_bytes: 8 << 20, mark_bytes: 32 << 10, mark_pause_millis: 500 }
    }
}
