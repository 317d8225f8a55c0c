//! Code signing configurations, and which functions have which.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, Region, UnixMillis};
use updraft_store::{Key, KeyRange, KeyReader, Row, tags};

use super::{of, scope};
use crate::model::name::FunctionId;

const SIGNING: u8 = 24;
const FUNCTION_SIGNING: u8 = 25;
const SIGNED_FUNCTION: u8 = 26;

/// One configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SigningRow {
    pub(crate) description: String,
    /// ARNs of signing profiles.
    pub(crate) publishers: Vec<String>,
    /// What isn't signed by one of them isn't deployed.
    pub(crate) enforced: bool,
    pub(crate) modified: UnixMillis,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Row for SigningRow {
    const VERSION: u8 = 1;
}

/// Of a region, by the configuration's id.
pub(crate) struct SigningKey<'a>(pub(crate) &'a AccountId, pub(crate) &'a Region, pub(crate) &'a str);

impl Key for SigningKey<'_> {
    type Row = SigningRow;

    fn encode(&self) -> Bytes {
        scope(self.0, self.1, SIGNING).str(self.2).build()
    }
}

impl SigningKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, SIGNING).prefix_range()
    }
}

/// Which configuration a function has: its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FunctionSigningRow {
    pub(crate) config: String,
}

impl Row for FunctionSigningRow {
    const VERSION: u8 = 1;
}

pub(crate) struct FunctionSigningKey<'a>(pub(crate) &'a FunctionId);

impl Key for FunctionSigningKey<'_> {
    type Row = FunctionSigningRow;

    fn encode(&self) -> Bytes {
        of(self.0, FUNCTION_SIGNING).build()
    }
}

/// Says that a function has a configuration, by the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedRow;

impl Row for SignedRow {
    const VERSION: u8 = 1;
}

pub(crate) struct SignedFunctionKey<'a>(pub(crate) &'a str, pub(crate) &'a FunctionId);

impl Key for SignedFunctionKey<'_> {
    type Row = SignedRow;

    fn encode(&self) -> Bytes {
        let Self(config, id) = self;
        scope(&id.account, &id.region, SIGNED_FUNCTION).str(config).str(&id.name).build()
    }
}

impl SignedFunctionKey<'_> {
    /// Every function that has the configuration.
    pub(crate) fn of(account: &AccountId, region: &Region, config: &str) -> KeyRange {
        scope(account, region, SIGNED_FUNCTION).str(config).prefix_range()
    }

    /// The function's name in a key.
    ///
    /// # Errors
    /// If it isn't such a key.
    pub(crate) fn name(key: &[u8]) -> Result<String, AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        reader.str()?;
        reader.str()?;
        reader.u8()?;
        reader.str()?;
        Ok(reader.str()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configurations_functions_are_found() {
        let (account, region) = (AccountId::local(), Region::default_region());
        let id = FunctionId { account: account.clone(), region: region.clone(), name: "f".into() };
        let key = SignedFunctionKey("csc-1", &id).encode();
        assert!(SignedFunctionKey::of(&account, &region, "csc-1").contains(&key));
        assert!(!SignedFunctionKey::of(&account, &region, "csc-").contains(&key));
        assert!(!SigningKey::all(&account, &region).contains(&key));
        assert_eq!(SignedFunctionKey::name(&key).unwrap(), "f");
    }
}
