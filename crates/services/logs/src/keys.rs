//! Where chunks of lines lie: by group, in the order in which they were written.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region};
use updraft_store::{Key, KeyBuilder, KeyRange, Row, tags};

/// Kinds of rows within the tag; never reused.
const CHUNK: u8 = 1;

/// Lines of one stream, written together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chunk {
    pub(crate) stream: String,
    /// Milliseconds since the epoch, and the text.
    pub(crate) lines: Vec<(i64, String)>,
}

impl Row for Chunk {
    const VERSION: u8 = 1;
}

/// A group of one account and region.
#[derive(Clone, Debug)]
pub(crate) struct GroupKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) group: &'a str,
}

impl GroupKey<'_> {
    fn builder(&self) -> KeyBuilder {
        KeyBuilder::new(tags::LOGS).scope(self.account, self.region).u8(CHUNK).str(self.group)
    }

    /// What a chunk's key begins with; the commit version and the chunk's place in its commit follow.
    pub(crate) fn prefix(&self) -> Bytes {
        self.builder().build()
    }

    pub(crate) fn range(&self) -> KeyRange {
        self.builder().prefix_range()
    }
}

/// A chunk by its whole key, as a scan found it.
pub(crate) struct ChunkKey(pub(crate) Bytes);

impl Key for ChunkKey {
    type Row = Chunk;

    fn encode(&self) -> Bytes {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_holds_its_own_chunks_and_no_others() {
        let (account, region) = (AccountId::local(), Region::default_region());
        let key = |group| GroupKey { account: &account, region: &region, group };
        let range = key("/aws/lambda/a").range();
        let inside = [&key("/aws/lambda/a").prefix()[..], &7_u64.to_be_bytes()].concat();
        let other = [&key("/aws/lambda/ab").prefix()[..], &7_u64.to_be_bytes()].concat();
        assert!(range.start <= inside && inside < range.end);
        assert!(!(range.start <= other && other < range.end));
    }

    /// On disks: may never change.
    #[test]
    fn golden_key_and_row() {
        let (account, region) = (AccountId::local(), Region::default_region());
        let key = GroupKey { account: &account, region: &region, group: "/g" };
        assert_eq!(
            key.prefix().escape_ascii().to_string(),
            r"\x1d\x02000000000000\x00\x02us-east-1\x00\x15\x01\x02/g\x00"
        );
        let chunk = Chunk { stream: "s".into(), lines: vec![(300, "text".into())] };
        assert_eq!(
            updraft_store::encode_row(&chunk).unwrap().escape_ascii().to_string(),
            r"\x01\x01s\x01\xd8\x04\x04text"
        );
    }
}
