//! Where things lie. Lines lie in *chunks*: by group, in the order in which they were written, which whoever follows a
//! group reads by. Beside each chunk lies a row that says in which minute its lines were printed, by which they are found
//! in the order of their times.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

/// Kinds of rows within the tag; never reused.
pub(crate) const CHUNK: u8 = 1;
const GROUP: u8 = 2;
const STREAM: u8 = 3;
const TIME: u8 = 4;

/// Behind a prefix: the version of the commit, and the place in it.
const SUFFIX: usize = 12;

const MINUTE: i64 = 60_000;

/// Lines of one stream, written together and printed in the same minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chunk {
    pub(crate) stream: String,
    /// Milliseconds since the epoch, and the text.
    pub(crate) lines: Vec<(i64, String)>,
    /// When they came, in milliseconds since the epoch.
    pub(crate) ingested: i64,
}

impl Row for Chunk {
    const VERSION: u8 = 2;

    /// The first version had no time of its own, and its lines may be of several minutes.
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        let (stream, lines): (String, Vec<(i64, String)>) =
            (version == 1).then(|| postcard::from_bytes(body).ok())??;
        let ingested = lines.last().map_or(0, |(at, _)| *at);
        Some(Self { stream, lines, ingested })
    }
}

/// A group that there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// In milliseconds since the epoch.
    pub(crate) created: i64,
    /// In days.
    pub(crate) retention: Option<i32>,
    pub(crate) class: String,
    pub(crate) tags: BTreeMap<String, String>,
}

pub(crate) const STANDARD: &str = "STANDARD";

impl Row for Group {
    const VERSION: u8 = 1;
}

/// A stream that there is. Times are in milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) created: i64,
    pub(crate) events: Option<Span>,
    /// Of all that ever came, with AWS's 26 for each event.
    pub(crate) bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) ingested: i64,
}

impl Row for Stream {
    const VERSION: u8 = 1;
}

/// Whose lines a chunk holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Printed {
    pub(crate) stream: String,
}

impl Row for Printed {
    const VERSION: u8 = 1;
}

/// The beginning of the minute that a time is in.
pub(crate) fn minute(at: i64) -> i64 {
    at - at.rem_euclid(MINUTE)
}

/// A group of one account and region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) group: &'a str,
}

impl<'a> GroupKey<'a> {
    fn of(&self, kind: u8) -> KeyBuilder {
        KeyBuilder::new(tags::LOGS).scope(self.account, self.region).u8(kind).str(self.group)
    }

    /// What a chunk's key begins with; the commit version and the chunk's place in its commit follow.
    pub(crate) fn prefix(&self) -> Bytes {
        self.of(CHUNK).build()
    }

    pub(crate) fn range(&self) -> KeyRange {
        self.of(CHUNK).prefix_range()
    }

    /// All groups whose names begin so.
    pub(crate) fn starting(&self) -> KeyRange {
        KeyBuilder::new(tags::LOGS).scope(self.account, self.region).u8(GROUP).str_starting(self.group)
    }

    pub(crate) fn stream(self, name: &'a str) -> StreamKey<'a> {
        StreamKey { group: self, name }
    }

    /// Its streams whose names begin so.
    pub(crate) fn streams(&self, head: &str) -> KeyRange {
        self.of(STREAM).str_starting(head)
    }

    /// What the key begins with that says when a chunk was printed; the same follows as in the chunk's key.
    pub(crate) fn time_prefix(&self, minute: i64) -> Bytes {
        self.of(TIME).i64(minute).build()
    }

    /// Of all chunks.
    pub(crate) fn times(&self) -> KeyRange {
        self.of(TIME).prefix_range()
    }

    /// Of those printed from a minute on and before another.
    pub(crate) fn times_between(&self, from: i64, until: i64) -> KeyRange {
        KeyRange::new(self.time_prefix(from), self.time_prefix(until))
    }

    /// The minute and the chunk that a key says it of.
    pub(crate) fn timed(&self, key: &[u8]) -> Option<(i64, ChunkKey)> {
        let (head, suffix) = key.split_at_checked(key.len().checked_sub(SUFFIX)?)?;
        let mut reader = KeyReader::new(head, tags::LOGS).ok()?;
        let (_account, _region, _kind, _group) =
            (reader.str().ok()?, reader.str().ok()?, reader.u8().ok()?, reader.str().ok()?);
        let minute = reader.i64().ok()?;
        Some((minute, ChunkKey(Bytes::from([&self.prefix()[..], suffix].concat()))))
    }
}

impl Key for GroupKey<'_> {
    type Row = Group;

    fn encode(&self) -> Bytes {
        self.of(GROUP).build()
    }
}

/// The name in a group's key or in a stream's: the last part.
pub(crate) fn name(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::LOGS)?;
    let (_account, _region, kind, group) = (reader.str()?, reader.str()?, reader.u8()?, reader.str()?);
    if kind == STREAM { reader.str() } else { Ok(group) }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamKey<'a> {
    pub(crate) group: GroupKey<'a>,
    pub(crate) name: &'a str,
}

impl Key for StreamKey<'_> {
    type Row = Stream;

    fn encode(&self) -> Bytes {
        self.group.of(STREAM).str(self.name).build()
    }
}

/// A key of [`GroupKey::times`], as a scan found it.
pub(crate) struct TimeKey;

impl Key for TimeKey {
    type Row = Printed;

    fn encode(&self) -> Bytes {
        Bytes::new()
    }
}

/// A chunk by its whole key, as a scan found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChunkKey(pub(crate) Bytes);

impl ChunkKey {
    /// What a key ends with that says when it was printed, too.
    pub(crate) fn suffix(&self) -> &[u8] {
        self.0.len().checked_sub(SUFFIX).and_then(|at| self.0.get(at..)).unwrap_or_default()
    }

    /// The version of the commit that it came with, and its place in that.
    pub(crate) fn place(&self) -> (u64, u32) {
        let (version, place) = self.suffix().split_at_checked(8).unwrap_or_default();
        let version = version.try_into().map_or(0, u64::from_be_bytes);
        (version, place.try_into().map_or(0, u32::from_be_bytes))
    }
}

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
        assert_eq!(
            key.encode().escape_ascii().to_string(),
            r"\x1d\x02000000000000\x00\x02us-east-1\x00\x15\x02\x02/g\x00"
        );
        assert_eq!(
            key.stream("s").encode().escape_ascii().to_string(),
            r"\x1d\x02000000000000\x00\x02us-east-1\x00\x15\x03\x02/g\x00\x02s\x00"
        );
        assert_eq!(
            key.time_prefix(120_000).escape_ascii().to_string(),
            r"\x1d\x02000000000000\x00\x02us-east-1\x00\x15\x04\x02/g\x00\x17\x01\xd4\xc0"
        );
        let chunk = Chunk { stream: "s".into(), lines: vec![(300, "text".into())], ingested: 400 };
        assert_eq!(shown(&chunk), r"\x02\x01s\x01\xd8\x04\x04text\xa0\x06");
        let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        let group = Group { created: 300, retention: Some(7), class: STANDARD.into(), tags };
        assert_eq!(shown(&group), r"\x01\xd8\x04\x01\x0e\x08STANDARD\x01\x01k\x01v");
        let events = Some(Span { first: 300, last: 301, ingested: 302 });
        let stream = Stream { created: 300, events, bytes: 7 };
        assert_eq!(shown(&stream), r"\x01\xd8\x04\x01\xd8\x04\xda\x04\xdc\x04\x07");
        assert_eq!(shown(&Printed { stream: "s".into() }), r"\x01\x01s");
    }

    fn shown<R: Row>(row: &R) -> String {
        updraft_store::encode_row(row).unwrap().escape_ascii().to_string()
    }

    /// Written by the first version; on disks.
    #[test]
    fn chunks_of_the_first_version_are_read() {
        let old = b"\x01\x01s\x01\xd8\x04\x04text";
        let chunk: Chunk = updraft_store::decode_row(b"", old).unwrap();
        assert_eq!(chunk, Chunk { stream: "s".into(), lines: vec![(300, "text".into())], ingested: 300 });
    }

    #[test]
    fn a_time_leads_to_its_chunk() {
        let (account, region) = (AccountId::local(), Region::default_region());
        let key = GroupKey { account: &account, region: &region, group: "/g" };
        let suffix = [&7_u64.to_be_bytes()[..], &3_u32.to_be_bytes()].concat();
        let timed = [&key.time_prefix(120_000)[..], &suffix].concat();
        let (minute, chunk) = key.timed(&timed).unwrap();
        assert_eq!((minute, chunk.place()), (120_000, (7, 3)));
        assert_eq!(chunk.0, [&key.prefix()[..], &suffix].concat());
        assert!(key.times().contains(&timed) && !key.times_between(0, 120_000).contains(&timed));
        assert!(key.times_between(120_000, 180_000).contains(&timed));
        assert_eq!(name(&key.stream("x").encode()).unwrap(), "x");
        assert_eq!(name(&key.encode()).unwrap(), "/g");
    }
}
