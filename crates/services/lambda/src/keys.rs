//! Keys and rows. Under the service's tag: account, region, what it is, and then its own parts.

pub(crate) mod layers;
mod mappings;
mod policies;
mod provisioned;
mod runtime;
mod signing;
mod url;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Row, tags};

use crate::model::alias::Alias;
use crate::model::config::Config;
use crate::model::events::EventSettings;
use crate::model::name::{FunctionId, LATEST, Target, Version};
use crate::model::older;
use crate::model::policy::Statement;

pub(crate) use layers::{AttachedKey, LayerCodeKey, LayerKey, LayerPolicyKey, LayerVersionKey, LayerVersionRow};
pub(crate) use mappings::{MappedKey, MappedRow, MappingKey, MappingRow, OwnerKey, OwnerRow};
pub(crate) use policies::{WrittenPolicyKey, WrittenPolicyRow};
pub(crate) use provisioned::{AheadKey, AheadRow, ProvisionedKey};
pub(crate) use runtime::{RecursionKey, RecursionRow, RuntimeUpdates, RuntimeUpdatesKey};
pub(crate) use signing::{
    FunctionSigningKey, FunctionSigningRow, SignedFunctionKey, SignedRow, SigningKey, SigningRow,
};
pub(crate) use url::{UrlIdKey, UrlIdRow, UrlKey};

const FUNCTION: u8 = 1;
const VERSION: u8 = 2;
const POLICY: u8 = 3;
const ALIAS: u8 = 4;
const EVENT_SETTINGS: u8 = 5;
// 6 is in `provisioned`, 7 and 8 are in `runtime`.
/// Stands where an account stands elsewhere.
const CODE: &str = "code";

fn scope(account: &AccountId, region: &Region, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::LAMBDA).scope(account, region).u8(kind)
}

fn of(id: &FunctionId, kind: u8) -> KeyBuilder {
    scope(&id.account, &id.region, kind).str(&id.name)
}

/// What all versions of a function share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FunctionRow {
    /// The number of the last version that was published; they are never used again.
    pub(crate) last_version: u64,
    pub(crate) tags: BTreeMap<String, String>,
    /// Reserved concurrent executions.
    pub(crate) reserved: Option<u32>,
    /// How many instances of each version are kept started ahead: what its provisioned concurrency comes to.
    pub(crate) ahead: BTreeMap<Version, u32>,
}

impl FunctionRow {
    /// Of all versions together.
    pub(crate) fn all_ahead(&self) -> u32 {
        self.ahead.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// What nobody else in the account can have. AWS: what is started ahead is part of what is reserved.
    pub(crate) fn set_aside(&self) -> u32 {
        self.reserved.unwrap_or_else(|| self.all_ahead())
    }

    /// How many calls of this version may be at work. AWS: what is started ahead of other versions is theirs.
    pub(crate) fn limit(&self, version: Version) -> Option<u32> {
        let others = self.all_ahead().saturating_sub(self.ahead.get(&version).copied().unwrap_or(0));
        self.reserved.map(|reserved| reserved.saturating_sub(others))
    }
}

impl Row for FunctionRow {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        (version == 1).then(|| older::function(body)).flatten()
    }
}

pub(crate) struct FunctionKey<'a>(pub(crate) &'a FunctionId);

impl Key for FunctionKey<'_> {
    type Row = FunctionRow;

    fn encode(&self) -> Bytes {
        of(self.0, FUNCTION).build()
    }
}

impl FunctionKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, FUNCTION).prefix_range()
    }
}

/// One version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VersionRow {
    /// What clients compare; changes with permissions and publications too.
    pub(crate) revision: String,
    /// Changes only with what instances are made of.
    pub(crate) deployment: String,
    pub(crate) modified: UnixMillis,
    pub(crate) config: Config,
}

impl Row for VersionRow {
    const VERSION: u8 = 3;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        older::version(version, body)
    }
}

pub(crate) struct VersionKey<'a>(pub(crate) &'a FunctionId, pub(crate) Version);

impl Key for VersionKey<'_> {
    type Row = VersionRow;

    fn encode(&self) -> Bytes {
        of(self.0, VERSION).u64(self.1.0).build()
    }
}

impl VersionKey<'_> {
    /// Every version of every function.
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, VERSION).prefix_range()
    }

    /// Every version of one function, `$LATEST` first.
    pub(crate) fn of(id: &FunctionId) -> KeyRange {
        of(id, VERSION).prefix_range()
    }
}

/// A resource policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyRow {
    pub(crate) revision: String,
    pub(crate) statements: Vec<Statement>,
}

impl Row for PolicyRow {
    const VERSION: u8 = 1;
}

pub(crate) struct AliasKey<'a>(pub(crate) &'a FunctionId, pub(crate) &'a str);

impl Key for AliasKey<'_> {
    type Row = Alias;

    fn encode(&self) -> Bytes {
        of(self.0, ALIAS).str(self.1).build()
    }
}

impl AliasKey<'_> {
    /// Every alias of one function, by name.
    pub(crate) fn of(id: &FunctionId) -> KeyRange {
        of(id, ALIAS).prefix_range()
    }
}

/// Settings for asynchronous calls by a qualifier; those of a function stand on `$LATEST`.
pub(crate) struct EventSettingsKey<'a>(pub(crate) &'a FunctionId, pub(crate) &'a str);

impl Key for EventSettingsKey<'_> {
    type Row = EventSettings;

    fn encode(&self) -> Bytes {
        of(self.0, EVENT_SETTINGS).str(self.1).build()
    }
}

impl<'a> EventSettingsKey<'a> {
    pub(crate) fn of_target(target: &'a Target) -> Self {
        Self(&target.id, target.qualifier.as_deref().unwrap_or(LATEST))
    }

    /// All of one function, `$LATEST` first.
    pub(crate) fn all(id: &FunctionId) -> KeyRange {
        of(id, EVENT_SETTINGS).prefix_range()
    }
}

/// A policy stands on a function (no qualifier), on one of its versions or on one of its aliases.
pub(crate) struct PolicyKey<'a>(pub(crate) &'a FunctionId, pub(crate) Option<&'a str>);

impl Key for PolicyKey<'_> {
    type Row = PolicyRow;

    fn encode(&self) -> Bytes {
        of(self.0, POLICY).str(self.1.unwrap_or_default()).build()
    }
}

impl PolicyKey<'_> {
    pub(crate) fn of(id: &FunctionId) -> KeyRange {
        of(id, POLICY).prefix_range()
    }
}

/// Says that a version is made of a blob, so that the blob isn't swept away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeRow;

impl Row for CodeRow {
    const VERSION: u8 = 1;
}

pub(crate) struct CodeKey<'a>(pub(crate) &'a str, pub(crate) &'a FunctionId, pub(crate) Version);

impl Key for CodeKey<'_> {
    type Row = CodeRow;

    fn encode(&self) -> Bytes {
        let Self(blob, id, version) = self;
        let owner = KeyBuilder::new(tags::LAMBDA).str(CODE).str(blob).scope(&id.account, &id.region);
        owner.str(&id.name).u64(version.0).build()
    }
}

impl CodeKey<'_> {
    /// Every version that is made of the blob.
    pub(crate) fn of(blob: &str) -> KeyRange {
        KeyBuilder::new(tags::LAMBDA).str(CODE).str(blob).prefix_range()
    }

    /// Whose key it is.
    ///
    /// # Errors
    /// If it isn't such a key.
    pub(crate) fn read(key: &[u8]) -> Result<(FunctionId, Version), AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        reader.str()?;
        reader.str()?;
        let account = AccountId::parse(&reader.str()?).map_err(AwsError::internal)?;
        let region = Region::parse(&reader.str()?).map_err(AwsError::internal)?;
        Ok((FunctionId { account, region, name: reader.str()? }, Version(reader.u64()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> FunctionId {
        FunctionId { account: AccountId::local(), region: Region::default_region(), name: name.into() }
    }

    #[test]
    fn versions_follow_their_number_and_functions_their_name() {
        let key = |name: &str, version| VersionKey(&id(name), Version(version)).encode();
        assert!(key("f", 0) < key("f", 1) && key("f", 9) < key("f", 10) && key("f", 10) < key("g", 0));
        let range = VersionKey::of(&id("f"));
        assert!(range.contains(&key("f", 0)) && range.contains(&key("f", u64::MAX)) && !range.contains(&key("ff", 0)));
    }

    #[test]
    fn kinds_dont_meet() {
        let all = FunctionKey::all(&AccountId::local(), &Region::default_region());
        assert!(all.contains(&FunctionKey(&id("f")).encode()));
        assert!(!all.contains(&VersionKey(&id("f"), Version(0)).encode()));
        assert!(!all.contains(&PolicyKey(&id("f"), None).encode()));
        let aliases = AliasKey::of(&id("f"));
        assert!(aliases.contains(&AliasKey(&id("f"), "a").encode()));
        assert!(!aliases.contains(&PolicyKey(&id("f"), Some("a")).encode()));
        assert!(!aliases.contains(&AliasKey(&id("ff"), "a").encode()));
        let settings = EventSettingsKey::all(&id("f"));
        let of = |qualifier| EventSettingsKey(&id("f"), qualifier).encode();
        assert!(of(LATEST) < of("1") && of("1") < of("live") && settings.contains(&of("live")));
        assert!(!settings.contains(&AliasKey(&id("f"), "live").encode()));
        let code = CodeKey("b", &id("f"), Version(1)).encode();
        assert!(CodeKey::of("b").contains(&code));
        assert_eq!(CodeKey::read(&code).unwrap(), (id("f"), Version(1)));
        assert!(!CodeKey::of("b").contains(&CodeKey("bb", &id("f"), Version(1)).encode()));
    }
}
