//! The rows: one of each node, one of each lease.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

const NODE: &str = "node";
const LEASE: &str = "lease";

/// One run of one process: drawn at random when it joins, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u64);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What a node says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// Has joined and isn't at work yet.
    Starting,
    Serving,
    /// Hands everything over and leaves.
    Draining,
    /// Its clock is too far off to be trusted with time.
    Skewed,
}

/// All times are the store's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeRow {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) version: String,
    pub(crate) phase: Phase,
    pub(crate) started: UnixMillis,
    pub(crate) beat: UnixMillis,
    /// From here on the others count it as dead.
    pub(crate) expires: UnixMillis,
    /// How far its machine's clock is ahead of the store's.
    pub(crate) skew_millis: i64,
}

impl Row for NodeRow {
    const VERSION: u8 = 1;
}

impl NodeRow {
    pub(crate) fn is_live(&self, now: UnixMillis) -> bool {
        self.expires > now
    }
}

/// Who has a lease. The row is never deleted, so that its epoch only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeaseRow {
    pub(crate) holder: Option<NodeId>,
    pub(crate) epoch: u64,
}

impl Row for LeaseRow {
    const VERSION: u8 = 1;
}

/// Every row that this crate keeps: they belong to running processes, not to the state that those keep.
#[must_use]
pub fn all_rows() -> [KeyRange; 2] {
    [NodeKey::all(), LeaseKey::all()]
}

/// `(platform, "node", id)`.
#[derive(Debug)]
pub(crate) struct NodeKey(pub(crate) NodeId);

impl NodeKey {
    pub(crate) fn all() -> KeyRange {
        KeyBuilder::new(tags::PLATFORM).str(NODE).prefix_range()
    }

    pub(crate) fn decode(key: &[u8]) -> Result<NodeId> {
        let mut reader = KeyReader::new(key, tags::PLATFORM)?;
        reader.str()?;
        reader.u64().map(NodeId)
    }
}

impl Key for NodeKey {
    type Row = NodeRow;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PLATFORM).str(NODE).u64(self.0.0).build()
    }
}

/// `(platform, "lease", name)`.
#[derive(Debug)]
pub(crate) struct LeaseKey<'a>(pub(crate) &'a str);

impl LeaseKey<'_> {
    pub(crate) fn all() -> KeyRange {
        KeyBuilder::new(tags::PLATFORM).str(LEASE).prefix_range()
    }

    pub(crate) fn decode(key: &[u8]) -> Result<String> {
        let mut reader = KeyReader::new(key, tags::PLATFORM)?;
        reader.str()?;
        reader.str()
    }
}

impl Key for LeaseKey<'_> {
    type Row = LeaseRow;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PLATFORM).str(LEASE).str(self.0).build()
    }
}

#[cfg(test)]
mod tests {
    use updraft_store::encode_row;

    use super::*;

    /// In stores, and read by nodes of other versions: may never change.
    #[test]
    fn golden_keys_and_rows() {
        assert_eq!(&NodeKey(NodeId(258)).encode()[..], b"\x04\x02node\x00\x16\x01\x02");
        assert_eq!(&LeaseKey("a/1").encode()[..], b"\x04\x02lease\x00\x02a/1\x00");
        let (name, address, version) = ("n".to_owned(), "h:1".to_owned(), "0.1".to_owned());
        let (started, beat, expires) = (UnixMillis(1), UnixMillis(2), UnixMillis(3));
        let node = NodeRow { name, address, version, phase: Phase::Draining, started, beat, expires, skew_millis: -1 };
        assert_eq!(&encode_row(&node).unwrap()[..], b"\x01\x01n\x03h:1\x030.1\x02\x02\x04\x06\x01");
        let lease = LeaseRow { holder: Some(NodeId(258)), epoch: 7 };
        assert_eq!(&encode_row(&lease).unwrap()[..], b"\x01\x01\x82\x02\x07");
        assert_eq!(&encode_row(&LeaseRow::default()).unwrap()[..], b"\x01\x00\x00");
    }

    #[test]
    fn keys_are_read_back_and_lie_in_their_ranges() {
        let (node, lease) = (NodeKey(NodeId(u64::MAX)).encode(), LeaseKey("timers/3").encode());
        assert_eq!(NodeKey::decode(&node).unwrap(), NodeId(u64::MAX));
        assert_eq!(LeaseKey::decode(&lease).unwrap(), "timers/3");
        assert!(NodeKey::all().contains(&node) && !NodeKey::all().contains(&lease));
        assert!(LeaseKey::all().contains(&lease) && !LeaseKey::all().contains(&node));
    }
}
