//! Provisioned concurrency.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, Region};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Row, tags};

use super::of;
use crate::model::name::FunctionId;
use crate::model::provisioned::Provisioning;

const PROVISIONED: u8 = 6;
/// Stands where an account stands elsewhere.
const AHEAD: &str = "ahead";

/// By a version's number or an alias's name.
pub(crate) struct ProvisionedKey<'a>(pub(crate) &'a FunctionId, pub(crate) &'a str);

impl Key for ProvisionedKey<'_> {
    type Row = Provisioning;

    fn encode(&self) -> Bytes {
        of(self.0, PROVISIONED).str(self.1).build()
    }
}

impl ProvisionedKey<'_> {
    /// All of one function.
    pub(crate) fn of(id: &FunctionId) -> KeyRange {
        of(id, PROVISIONED).prefix_range()
    }
}

/// Says that a function has instances which are started ahead, so that all of them are found without looking at every
/// account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AheadRow;

impl Row for AheadRow {
    const VERSION: u8 = 1;
}

pub(crate) struct AheadKey<'a>(pub(crate) &'a FunctionId);

impl Key for AheadKey<'_> {
    type Row = AheadRow;

    fn encode(&self) -> Bytes {
        let FunctionId { account, region, name } = self.0;
        KeyBuilder::new(tags::LAMBDA).str(AHEAD).scope(account, region).str(name).build()
    }
}

impl AheadKey<'_> {
    /// Every function of every account.
    pub(crate) fn all() -> KeyRange {
        KeyBuilder::new(tags::LAMBDA).str(AHEAD).prefix_range()
    }

    /// Whose key it is.
    ///
    /// # Errors
    /// If it isn't such a key.
    pub(crate) fn read(key: &[u8]) -> Result<FunctionId, AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        reader.str()?;
        let account = AccountId::parse(&reader.str()?).map_err(AwsError::internal)?;
        let region = Region::parse(&reader.str()?).map_err(AwsError::internal)?;
        Ok(FunctionId { account, region, name: reader.str()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_in_every_account() {
        let of = |account: &str| FunctionId {
            account: AccountId::parse(account).unwrap(),
            region: Region::default_region(),
            name: "f".into(),
        };
        for account in ["000000000000", "999999999999"] {
            let key = AheadKey(&of(account)).encode();
            assert!(AheadKey::all().contains(&key));
            assert_eq!(AheadKey::read(&key).unwrap(), of(account));
        }
        let configured = ProvisionedKey(&of("000000000000"), "1").encode();
        assert!(
            !AheadKey::all().contains(&configured) && ProvisionedKey::of(&of("000000000000")).contains(&configured)
        );
    }
}
