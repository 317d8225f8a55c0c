//! Event source mappings.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Row, tags};

use super::scope;
use crate::model::mapping::Phase;

const MAPPING: u8 = 30;
const MAPPED: u8 = 31;
/// Stands where an account stands elsewhere.
const MAPPINGS: &str = "mapping";

/// One mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MappingRow {
    /// Changes with each update.
    pub(crate) revision: u64,
    pub(crate) phase: Phase,
    /// What it is to become, or is.
    pub(crate) enabled: bool,
    /// The function's name, with the qualifier where one was named.
    pub(crate) function: String,
    pub(crate) modified: UnixMillis,
    /// Where a stream is read from, if that is a moment.
    pub(crate) starting_at: Option<UnixMillis>,
    /// `LastProcessingResult`.
    pub(crate) result: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// What was asked for: AWS's own shape `EventSourceMappingConfiguration` in JSON, without what is told here.
    pub(crate) config: String,
}

impl Row for MappingRow {
    const VERSION: u8 = 1;
}

/// Of a region, by the mapping's UUID.
pub(crate) struct MappingKey<'a>(pub(crate) &'a AccountId, pub(crate) &'a Region, pub(crate) &'a str);

impl Key for MappingKey<'_> {
    type Row = MappingRow;

    fn encode(&self) -> Bytes {
        scope(self.0, self.1, MAPPING).str(self.2).build()
    }
}

impl MappingKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, MAPPING).prefix_range()
    }
}

/// Which mapping there is of a source to a function: there is one at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MappedRow {
    pub(crate) uuid: String,
}

impl Row for MappedRow {
    const VERSION: u8 = 1;
}

pub(crate) struct MappedKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    /// As [`MappingRow::function`].
    pub(crate) function: &'a str,
    pub(crate) source: &'a str,
}

impl Key for MappedKey<'_> {
    type Row = MappedRow;

    fn encode(&self) -> Bytes {
        scope(self.account, self.region, MAPPED).str(self.function).str(self.source).build()
    }
}

/// Says whose mapping it is, for whoever looks after all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnerRow {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

impl Row for OwnerRow {
    const VERSION: u8 = 1;
}

pub(crate) struct OwnerKey<'a>(pub(crate) &'a str);

impl Key for OwnerKey<'_> {
    type Row = OwnerRow;

    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::LAMBDA).str(MAPPINGS).str(self.0).build()
    }
}

impl OwnerKey<'_> {
    /// Of every account.
    pub(crate) fn all() -> KeyRange {
        KeyBuilder::new(tags::LAMBDA).str(MAPPINGS).prefix_range()
    }

    /// The UUID in a key.
    ///
    /// # Errors
    /// If it isn't such a key.
    pub(crate) fn uuid(key: &[u8]) -> Result<String, AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        reader.str()?;
        Ok(reader.str()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_is_found() {
        let key = OwnerKey("u").encode();
        assert!(OwnerKey::all().contains(&key));
        assert_eq!(OwnerKey::uuid(&key).unwrap(), "u");
        let (account, region) = (AccountId::local(), Region::default_region());
        let all = MappingKey::all(&account, &region);
        assert!(all.contains(&MappingKey(&account, &region, "u").encode()) && !all.contains(&key));
        let mapped = MappedKey { account: &account, region: &region, function: "f", source: "s" };
        assert!(!all.contains(&mapped.encode()));
    }
}
