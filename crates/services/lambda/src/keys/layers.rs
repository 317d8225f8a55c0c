//! Layers, their versions and policies, and what versions of functions have of them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Row, tags};

use super::{CodeRow, PolicyRow, of, scope};
use crate::model::attached::Attached;
use crate::model::config::Code;
use crate::model::layer::{LayerId, LayerVersion};
use crate::model::name::{FunctionId, Version};

const LAYER: u8 = 20;
const LAYER_VERSION: u8 = 21;
const LAYER_POLICY: u8 = 22;
const ATTACHED: u8 = 23;
/// Stands where an account stands elsewhere.
const LAYER_CODE: &str = "layer code";

fn of_layer(id: &LayerId, kind: u8) -> KeyBuilder {
    scope(&id.account, &id.region, kind).str(&id.name)
}

/// What all versions of a layer share. It stays when they are gone, for their numbers are never used again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerRow {
    pub(crate) last_version: u64,
}

impl Row for LayerRow {
    const VERSION: u8 = 1;
}

pub(crate) struct LayerKey<'a>(pub(crate) &'a LayerId);

impl Key for LayerKey<'_> {
    type Row = LayerRow;

    fn encode(&self) -> Bytes {
        of_layer(self.0, LAYER).build()
    }
}

impl LayerKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, LAYER).prefix_range()
    }
}

/// One version of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerVersionRow {
    pub(crate) created: UnixMillis,
    pub(crate) description: String,
    pub(crate) license: Option<String>,
    /// `None`: not said, and then AWS answers none.
    pub(crate) runtimes: Option<Vec<String>>,
    pub(crate) architectures: Option<Vec<String>>,
    pub(crate) code: Code,
    /// How large its content is, in bytes.
    pub(crate) unpacked: u64,
}

impl Row for LayerVersionRow {
    const VERSION: u8 = 1;
}

/// In the order in which AWS lists them: the newest first.
pub(crate) struct LayerVersionKey<'a>(pub(crate) &'a LayerVersion);

impl Key for LayerVersionKey<'_> {
    type Row = LayerVersionRow;

    fn encode(&self) -> Bytes {
        of_layer(&self.0.layer, LAYER_VERSION).u64(u64::MAX - self.0.number).build()
    }
}

impl LayerVersionKey<'_> {
    /// Every version of every layer.
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, LAYER_VERSION).prefix_range()
    }

    /// Every version of one layer.
    pub(crate) fn of(id: &LayerId) -> KeyRange {
        of_layer(id, LAYER_VERSION).prefix_range()
    }

    /// The version's number in a key.
    ///
    /// # Errors
    /// If it isn't such a key.
    pub(crate) fn number(key: &[u8]) -> Result<u64, AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        reader.str()?;
        reader.str()?;
        reader.u8()?;
        reader.str()?;
        Ok(u64::MAX - reader.u64()?)
    }
}

/// Who may use a version of a layer.
pub(crate) struct LayerPolicyKey<'a>(pub(crate) &'a LayerVersion);

impl Key for LayerPolicyKey<'_> {
    type Row = PolicyRow;

    fn encode(&self) -> Bytes {
        of_layer(&self.0.layer, LAYER_POLICY).u64(self.0.number).build()
    }
}

/// Says that a version of a layer is made of a blob, so that the blob isn't swept away.
pub(crate) struct LayerCodeKey<'a>(pub(crate) &'a str, pub(crate) &'a LayerVersion);

impl Key for LayerCodeKey<'_> {
    type Row = CodeRow;

    fn encode(&self) -> Bytes {
        let Self(blob, LayerVersion { layer, number }) = self;
        let owner = KeyBuilder::new(tags::LAMBDA).str(LAYER_CODE).str(blob).scope(&layer.account, &layer.region);
        owner.str(&layer.name).u64(*number).build()
    }
}

impl LayerCodeKey<'_> {
    /// Every version that is made of the blob.
    pub(crate) fn of(blob: &str) -> KeyRange {
        KeyBuilder::new(tags::LAMBDA).str(LAYER_CODE).str(blob).prefix_range()
    }

    /// Whose key it is.
    ///
    /// # Errors
    /// If it isn't such a key.
    pub(crate) fn read(key: &[u8]) -> Result<LayerVersion, AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        reader.str()?;
        reader.str()?;
        let account = AccountId::parse(&reader.str()?).map_err(AwsError::internal)?;
        let region = Region::parse(&reader.str()?).map_err(AwsError::internal)?;
        Ok(LayerVersion { layer: LayerId { account, region, name: reader.str()? }, number: reader.u64()? })
    }
}

/// What is attached to a version of a function; no row is nothing.
pub(crate) struct AttachedKey<'a>(pub(crate) &'a FunctionId, pub(crate) Version);

impl Key for AttachedKey<'_> {
    type Row = Attached;

    fn encode(&self) -> Bytes {
        of(self.0, ATTACHED).u64(self.1.0).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(name: &str, number: u64) -> LayerVersion {
        let (account, region) = (AccountId::local(), Region::default_region());
        LayerVersion { layer: LayerId { account, region, name: name.into() }, number }
    }

    #[test]
    fn newer_versions_come_first() {
        let key = |name: &str, number| LayerVersionKey(&version(name, number)).encode();
        assert!(key("l", 10) < key("l", 9) && key("l", 2) < key("l", 1) && key("l", 1) < key("m", 300));
        assert_eq!(LayerVersionKey::number(&key("l", 300)).unwrap(), 300);
        let range = LayerVersionKey::of(&version("l", 1).layer);
        assert!(range.contains(&key("l", 1)) && !range.contains(&key("ll", 1)));
    }

    #[test]
    fn a_blobs_layers_are_found() {
        let key = LayerCodeKey("b", &version("l", 7)).encode();
        assert!(LayerCodeKey::of("b").contains(&key) && !LayerCodeKey::of("bb").contains(&key));
        assert_eq!(LayerCodeKey::read(&key).unwrap(), version("l", 7));
    }
}
