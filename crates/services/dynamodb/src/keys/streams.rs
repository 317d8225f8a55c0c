//! Streams: what is known of each, the records of their shards, and how far those who poll have come.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, StoreError, Topic, tags};

use super::{Scope, hash16};
use crate::model::key::PrimaryKey;
use crate::model::stream::{Place, StreamRow};

impl Scope {
    /// All streams, by their tables' names and their labels.
    pub(crate) fn streams(&self) -> KeyRange {
        self.key().str("stream").prefix_range()
    }

    pub(crate) fn streams_of(&self, table: &str) -> KeyRange {
        self.key().str("stream").str(table).prefix_range()
    }

    /// How far whoever polls a stream has come, in all of its shards.
    pub(crate) fn positions(&self, stream: u64) -> KeyRange {
        self.key().str("position").u64(stream).prefix_range()
    }
}

/// A stream, by its table's name and its label.
#[derive(Clone, Debug)]
pub(crate) struct StreamKey<'a>(pub(crate) &'a Scope, pub(crate) &'a str, pub(crate) &'a str);

impl Key for StreamKey<'_> {
    type Row = StreamRow;

    fn encode(&self) -> Bytes {
        self.0.key().str("stream").str(self.1).str(self.2).build()
    }
}

/// How far a reader has come in a shard: everything up to there is dealt with.
#[derive(Clone, Debug)]
pub(crate) struct PositionKey<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) stream: u64,
    /// The mapping's UUID.
    pub(crate) reader: &'a str,
    pub(crate) shard: u8,
}

/// The first place that isn't dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position(pub(crate) Place);

impl Row for Position {
    const VERSION: u8 = 1;
}

impl Key for PositionKey<'_> {
    type Row = Position;

    fn encode(&self) -> Bytes {
        self.scope.key().str("position").u64(self.stream).str(self.reader).u8(self.shard).build()
    }
}

/// The records of one shard, in the order of their commits: behind the prefix the commit's version, the record's number
/// within it, and the number of the piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shard<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) stream: u64,
    pub(crate) number: u8,
}

impl Shard<'_> {
    fn key(&self) -> KeyBuilder {
        self.scope.key().str("record").u64(self.stream).u8(self.number)
    }

    pub(crate) fn prefix(&self) -> Bytes {
        self.key().build()
    }

    pub(crate) fn all(&self) -> KeyRange {
        self.key().prefix_range()
    }

    /// All records at this place and behind it.
    pub(crate) fn from(&self, place: Place) -> KeyRange {
        let start = [&self.prefix()[..], &place.version.to_be_bytes(), &place.number.to_be_bytes()].concat();
        self.all().from(start)
    }

    /// Touched by every commit that has a record for it.
    pub(crate) fn topic(&self) -> Topic {
        Topic::of(&[b"dynamodb records", &self.prefix()])
    }
}

/// What follows the version in a record's key.
pub(crate) fn suffix(number: u16, piece: u8) -> Bytes {
    let [high, low] = number.to_be_bytes();
    Bytes::copy_from_slice(&[high, low, piece])
}

/// The place in a record's key, and which piece of it this is.
pub(crate) fn place(key: &[u8]) -> Result<(Place, u8)> {
    let mut reader = KeyReader::new(key, tags::DYNAMODB)?;
    let (_account, _region, _kind) = (reader.str()?, reader.str()?, reader.str()?);
    let (_stream, _shard) = (reader.u64()?, reader.u8()?);
    let version = reader.version()?.0;
    match key.last_chunk::<3>() {
        Some([high, low, piece]) => Ok((Place { version, number: u16::from_be_bytes([*high, *low]) }, *piece)),
        None => Err(StoreError::Corrupt { key: key.to_vec(), why: "no number behind the version".to_owned() }),
    }
}

/// Which of so many shards an item's records go to: always the same, for they are in order there.
pub(crate) fn shard_of(key: &PrimaryKey, shards: u8) -> u8 {
    let at = (u32::from(hash16(&key.hash)) * u32::from(shards)) >> 16;
    u8::try_from(at).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{AccountId, Region};
    use updraft_store::encode_row;

    use super::*;

    fn scope() -> Scope {
        Scope { account: AccountId::local(), region: Region::default_region() }
    }

    fn record(shard: &Shard<'_>, version: u64, number: u16, piece: u8) -> Bytes {
        [&shard.prefix()[..], &version.to_be_bytes(), &suffix(number, piece)].concat().into()
    }

    #[test]
    fn records_lie_in_the_order_of_their_commits() {
        let scope = scope();
        let shard = |number| Shard { scope: &scope, stream: 7, number };
        let keys: Vec<Bytes> = [(1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 300, 0), (2, 0, 0), (1 << 40, 0, 0)]
            .map(|(version, number, piece)| record(&shard(0), version, number, piece))
            .into();
        assert!(keys.is_sorted());
        let from = shard(0).from(Place { version: 1, number: 1 });
        assert_eq!(keys.iter().filter(|key| from.contains(key)).count(), 4);
        assert!(keys.iter().all(|key| shard(0).all().contains(key) && !shard(1).all().contains(key)));
        assert_eq!(place(&keys[3]).unwrap(), (Place { version: 1, number: 300 }, 0));
        assert_eq!(place(&keys[1]).unwrap(), (Place { version: 1, number: 0 }, 1));
    }

    #[test]
    fn every_shard_gets_its_share_of_the_items() {
        let key = |n: u32| PrimaryKey { hash: n.to_string().into_bytes(), range: None };
        for shards in [1, 4, 16] {
            let mut counts = vec![0; usize::from(shards)];
            (0..1000).for_each(|n| counts[usize::from(shard_of(&key(n), shards))] += 1);
            assert!(counts.iter().all(|count| *count > 1000 / usize::from(shards) / 2), "{counts:?}");
        }
    }

    #[test]
    fn streams_lie_by_table_and_readers_by_stream() {
        let scope = scope();
        let stream = StreamKey(&scope, "t", "2024").encode();
        assert!(scope.streams().contains(&stream) && scope.streams_of("t").contains(&stream));
        assert!(!scope.streams_of("ta").contains(&stream) && !scope.tables().contains(&stream));
        let position = PositionKey { scope: &scope, stream: 7, reader: "u", shard: 1 }.encode();
        assert!(scope.positions(7).contains(&position) && !scope.positions(8).contains(&position));
    }

    /// On disks: may never change.
    #[test]
    fn golden_keys_and_row() {
        let scope = scope();
        let shard = Shard { scope: &scope, stream: 300, number: 2 };
        let keys = [
            (
                StreamKey(&scope, "t", "l").encode(),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x02stream\x00\x02t\x00\x02l\x00",
            ),
            (
                PositionKey { scope: &scope, stream: 7, reader: "u", shard: 0 }.encode(),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x02position\x00\x15\x07\x02u\x00\x14",
            ),
            (
                record(&shard, 5, 1, 0),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x02record\x00\x16\x01,\x15\x02\x00\x00\x00\x00\x00\x00\x00\x05\x00\x01\x00",
            ),
        ];
        for (key, golden) in keys {
            assert_eq!(key.escape_ascii().to_string(), golden);
        }
        let row = Position(Place { version: 300, number: 2 });
        assert_eq!(encode_row(&row).unwrap()[..], *b"\x01\xac\x02\x02");
    }
}
