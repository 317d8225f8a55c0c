//! Activities as they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_states::types::EncryptionConfiguration;
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::kept;

/// What workers ask for tasks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) created: UnixMillis,
    /// JSON, since its shape is AWS's.
    pub(crate) encryption: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Row for Activity {
    const VERSION: u8 = 1;
}

impl Activity {
    pub(crate) fn encryption(&self) -> EncryptionConfiguration {
        kept::encryption(self.encryption.as_deref())
    }
}
