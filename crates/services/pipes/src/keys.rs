//! Every key type of this service, with a test of its order. The tag byte is in updraft_store::tags.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

use crate::model::pipe::Pipe;

/// Kinds of rows within the tag; never reused.
const PIPE: u8 = 1;
/// Stands where an account stands elsewhere.
const PIPES: &str = "pipe";

/// A pipe by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PipeKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) name: &'a str,
}

impl PipeKey<'_> {
    /// All of this account and region whose names begin with this one's.
    pub(crate) fn starting(self) -> KeyRange {
        scope(self.account, self.region).str_starting(self.name)
    }
}

fn scope(account: &AccountId, region: &Region) -> KeyBuilder {
    KeyBuilder::new(tags::PIPES).scope(account, region).u8(PIPE)
}

impl Key for PipeKey<'_> {
    type Row = Pipe;

    fn encode(&self) -> Bytes {
        scope(self.account, self.region).str(self.name).build()
    }
}

/// The name in a pipe's key.
pub(crate) fn name(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::PIPES)?;
    let (_account, _region, _kind) = (reader.str()?, reader.str()?, reader.u8()?);
    reader.str()
}

/// Says whose pipe it is, for whoever looks after all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl Row for Owner {
    const VERSION: u8 = 1;
}

impl Owner {
    pub(crate) fn key(&self) -> PipeKey<'_> {
        PipeKey { account: &self.account, region: &self.region, name: &self.name }
    }
}

/// By the pipe's id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnerKey<'a>(pub(crate) &'a str);

impl Key for OwnerKey<'_> {
    type Row = Owner;

    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PIPES).str(PIPES).str(self.0).build()
    }
}

impl OwnerKey<'_> {
    /// Of every account.
    pub(crate) fn all() -> KeyRange {
        KeyBuilder::new(tags::PIPES).str(PIPES).prefix_range()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pipe_is_found_by_its_name_and_by_its_owner() {
        let (account, region) = (AccountId::local(), Region::default_region());
        let named = |name| PipeKey { account: &account, region: &region, name };
        let all = named("").starting();
        assert!(all.contains(&named("a").encode()) && named("a").starting().contains(&named("ab").encode()));
        assert!(!named("a").starting().contains(&named("b").encode()));
        assert!(named("a").encode() < named("ab").encode() && named("ab").encode() < named("b").encode());
        assert_eq!(name(&named("a").encode()).unwrap(), "a");
        let owner = OwnerKey("id").encode();
        assert!(OwnerKey::all().contains(&owner) && !all.contains(&owner));
    }
}
