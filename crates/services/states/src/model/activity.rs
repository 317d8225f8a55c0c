//! Activities as they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_states::types::{EncryptionConfiguration, EncryptionType};
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
    /// AWS: without one, that the key is AWS's is answered.
    pub(crate) fn encryption(&self) -> EncryptionConfiguration {
        let kept = self.encryption.as_deref().and_then(|text| kept::read("EncryptionConfiguration", text));
        let owned =
            || EncryptionConfiguration { r#type: EncryptionType::AwsOwnedKey, ..EncryptionConfiguration::default() };
        kept.unwrap_or_else(owned)
    }
}
