//! How much memory an instance may have. AWS: whoever asks for more is killed, and not told no.

use std::sync::Arc;

use updraft_exec::Life;
use wasmtime::{ResourceLimiter, Result};

/// Of all tables of an instance together.
const ENTRIES: usize = 1_000_000;

/// Why an instance was ended.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the function's memory is used up")]
pub(crate) struct OutOfMemory;

#[derive(Debug)]
pub(crate) struct Limits {
    life: Arc<Life>,
    /// In bytes, of all memories together.
    most: usize,
    used: usize,
    entries: usize,
}

impl Limits {
    pub(crate) fn new(life: Arc<Life>) -> Self {
        let most = usize::try_from(life.spec().memory_mb).unwrap_or(usize::MAX).saturating_mul(1 << 20);
        Self { life, most, used: 0, entries: 0 }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.most {
            self.life.uses(u64::try_from(self.most).unwrap_or(u64::MAX));
            return Err(OutOfMemory.into());
        }
        self.used = used;
        self.life.uses(u64::try_from(used).unwrap_or(u64::MAX));
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let entries = self.entries.saturating_sub(current).saturating_add(desired);
        if entries > ENTRIES || maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.entries = entries;
        Ok(true)
    }
}
