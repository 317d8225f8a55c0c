//! Streams and their records: what they are, and their numbers as AWS writes them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_expr::dynamodb::{Item, item_size};
use updraft_kernel::UnixMillis;
use updraft_store::Row;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::model::codec;
use crate::model::table::{Billing, Keys};

/// AWS: for so long records can be read.
pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 3600);

/// AWS: partitions of a table on demand as it is made, each of which has a shard.
const ON_DEMAND_SHARDS: u8 = 4;
/// AWS: what one partition bears.
const PARTITION_WRITES: i64 = 1000;
const PARTITION_READS: i64 = 3000;
const MOST_SHARDS: i64 = 16;

/// Before this nothing can be read any more.
pub(crate) fn horizon(now: UnixMillis) -> UnixMillis {
    UnixMillis(now.0.saturating_sub(i64::try_from(RETENTION.as_millis()).unwrap_or(i64::MAX)))
}

/// How many shards a stream of such a table has, as long as it lives.
pub(crate) fn shards(billing: &Billing) -> u8 {
    if billing.per_request {
        return ON_DEMAND_SHARDS;
    }
    let of = |units: i64, each: i64| units.saturating_add(each - 1) / each;
    let most = of(billing.throughput.write, PARTITION_WRITES).max(of(billing.throughput.read, PARTITION_READS));
    u8::try_from(most.clamp(1, MOST_SHARDS)).unwrap_or(1)
}

/// A record's place in its shard: the version of the commit that it is of, and its number there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) version: u64,
    pub(crate) number: u16,
}

/// Added to every sequence number, so that all have as many digits: AWS's have 21 at least.
const BASE: u128 = 1_000_000_000_000_000_000_000_000;

impl Place {
    /// `SequenceNumber`.
    pub(crate) fn sequence(self) -> String {
        (BASE + self.rank()).to_string()
    }

    /// `None` if this is no record's number, of any stream.
    pub(crate) fn parse(sequence: &str) -> Option<Self> {
        let known = sequence.bytes().all(|b| b.is_ascii_digit()) && !sequence.starts_with('0');
        let rank = sequence.parse::<u128>().ok().filter(|_| known)?.checked_sub(BASE)?;
        Self::of_rank(rank)
    }

    /// As a number.
    pub(crate) fn rank(self) -> u128 {
        (u128::from(self.version) << 16) + u128::from(self.number)
    }

    pub(crate) fn of_rank(rank: u128) -> Option<Self> {
        let number = u16::try_from(rank & 0xFFFF).ok()?;
        Some(Self { version: u64::try_from(rank >> 16).ok()?, number })
    }

    /// The one right behind it.
    pub(crate) fn next(self) -> Self {
        Self::of_rank(self.rank() + 1).unwrap_or(self)
    }
}

/// Which images of an item a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Images {
    new: bool,
    old: bool,
}

impl Images {
    fn of(view: &str) -> Self {
        Self {
            new: matches!(view, "NEW_IMAGE" | "NEW_AND_OLD_IMAGES"),
            old: matches!(view, "OLD_IMAGE" | "NEW_AND_OLD_IMAGES"),
        }
    }
}

/// A stream that is, or was, a table's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StreamRow {
    /// Never given again.
    pub(crate) id: u64,
    pub(crate) table: String,
    pub(crate) label: String,
    /// As on the wire.
    pub(crate) view: String,
    pub(crate) keys: Keys,
    pub(crate) created: UnixMillis,
    /// When it was disabled, or its table deleted.
    pub(crate) ended: Option<UnixMillis>,
    pub(crate) shards: u8,
    /// Of each shard, the last place that was trimmed; empty while none was.
    pub(crate) trimmed: Vec<Place>,
}

impl Row for StreamRow {
    const VERSION: u8 = 1;
}

impl StreamRow {
    /// `shardId-00000001731940604149-1f2e3d4c`: the moment the stream began, and what tells its shards apart.
    pub(crate) fn shard_id(&self, shard: u8) -> String {
        let hash = xxh3_64(format!("{}/{shard}", self.id).as_bytes()) >> 32;
        format!("shardId-{:020}-{shard:02x}{:06x}", self.created.0, hash & 0xFF_FFFF)
    }

    /// Which of its shards has this id.
    pub(crate) fn shard(&self, id: &str) -> Option<u8> {
        (0..self.shards).find(|shard| self.shard_id(*shard) == id)
    }

    /// `None`: nothing of this shard was trimmed.
    pub(crate) fn trimmed_to(&self, shard: u8) -> Option<Place> {
        self.trimmed.get(usize::from(shard)).copied().filter(|place| *place != Place::default())
    }
}

/// What happened to an item. Lies in the store, so its order never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Event {
    Insert,
    Modify,
    Remove,
}

impl Event {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Modify => "MODIFY",
            Self::Remove => "REMOVE",
        }
    }
}

/// One change of one item, as it lies in the store: items in their own encoding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) at: UnixMillis,
    pub(crate) event: Event,
    /// The item had expired, and DynamoDB itself deleted it.
    pub(crate) expired: bool,
    /// As AWS counts it.
    pub(crate) bytes: u64,
    pub(crate) keys: Vec<u8>,
    pub(crate) new: Option<Vec<u8>>,
    pub(crate) old: Option<Vec<u8>>,
}

impl Row for Recorded {
    const VERSION: u8 = 1;
}

/// An item's change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed<'a> {
    pub(crate) keys: &'a Item,
    pub(crate) old: Option<&'a Item>,
    pub(crate) new: Option<&'a Item>,
}

impl Recorded {
    /// `None`: nothing has changed. AWS: then there is no record.
    pub(crate) fn of(changed: Changed<'_>, view: &str, at: UnixMillis, expired: bool) -> Option<Self> {
        let event = match (changed.old, changed.new) {
            (None, None) => return None,
            (None, Some(_)) => Event::Insert,
            (Some(_), None) => Event::Remove,
            (Some(old), Some(new)) if old == new => return None,
            (Some(_), Some(_)) => Event::Modify,
        };
        let images = Images::of(view);
        let (new, old) = (changed.new.filter(|_| images.new), changed.old.filter(|_| images.old));
        let bytes = item_size(changed.keys) + new.map_or(0, item_size) + old.map_or(0, item_size);
        let encoded = |item: &Item| codec::encode(item).to_vec();
        Some(Self {
            at,
            event,
            expired,
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
            keys: encoded(changed.keys),
            new: new.map(encoded),
            old: old.map(encoded),
        })
    }
}

/// `eventID`: the same for every reader of a record.
pub(crate) fn event_id(stream: u64, shard: u8, place: Place) -> String {
    format!("{:032x}", xxh3_128(format!("{stream}/{shard}/{}", place.rank()).as_bytes()))
}

#[cfg(test)]
mod tests {
    use updraft_expr::dynamodb::AttributeValue;
    use updraft_store::{decode_row, encode_row};

    use super::*;
    use crate::model::table::{KeyAttribute, Scalar, Throughput};

    #[test]
    fn sequence_numbers_are_long_and_grow_with_the_place() {
        let places = [(0, 0), (0, 1), (1, 0), (1, u16::MAX), (2, 0), (1 << 40, 7), (u64::MAX, u16::MAX)];
        let places: Vec<Place> = places.map(|(version, number)| Place { version, number }).into();
        let numbers: Vec<String> = places.iter().map(|place| place.sequence()).collect();
        assert!(numbers.is_sorted() && numbers.iter().all(|n| n.len() == 25), "{numbers:?}");
        let back: Vec<Place> = numbers.iter().map(|n| Place::parse(n).unwrap()).collect();
        assert_eq!(back, places);
        assert_eq!(places[3].next(), places[4]);
        for other in ["", "1", "+1000000000000000000000001", "0999999999999999999999999", "x"] {
            assert_eq!(Place::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_table_on_demand_has_shards_at_once_and_another_by_what_it_was_given() {
        let billing = |per_request, read, write| Billing {
            per_request,
            throughput: Throughput { read, write },
            per_request_since: None,
        };
        assert_eq!(shards(&billing(true, 0, 0)), 4);
        for (read, write, expected) in [(5, 5, 1), (3000, 1000, 1), (3001, 1, 2), (1, 1001, 2), (1, 40_000, 16)] {
            assert_eq!(shards(&billing(false, read, write)), expected, "{read} {write}");
        }
    }

    fn item(pairs: &[(&str, &str)]) -> Item {
        pairs.iter().map(|(name, s)| ((*name).to_owned(), AttributeValue::S((*s).to_owned()))).collect()
    }

    /// Recorded: `test_transact_write_items_streaming`, `test_dynamodb_stream_stream_view_type`.
    #[test]
    fn a_record_has_what_the_view_says_and_its_size_is_of_that() {
        let (keys, old) = (item(&[("id", "NewKey")]), item(&[("id", "NewKey")]));
        let new = item(&[("id", "NewKey"), ("attr1", "value1"), ("attr2", "value2")]);
        let of = |view| {
            let changed = Changed { keys: &keys, old: Some(&old), new: Some(&new) };
            let record = Recorded::of(changed, view, UnixMillis(1), false).unwrap();
            (record.bytes, record.new.is_some(), record.old.is_some())
        };
        assert_eq!(of("KEYS_ONLY"), (8, false, false));
        assert_eq!(of("NEW_IMAGE"), (38, true, false));
        assert_eq!(of("OLD_IMAGE"), (16, false, true));
        assert_eq!(of("NEW_AND_OLD_IMAGES"), (46, true, true));
    }

    #[test]
    fn only_what_changes_is_recorded() {
        let (keys, one, two) = (item(&[("id", "a")]), item(&[("id", "a")]), item(&[("id", "a"), ("x", "y")]));
        let event = |old, new| {
            let changed = Changed { keys: &keys, old, new };
            Recorded::of(changed, "KEYS_ONLY", UnixMillis(1), false).map(|record| record.event.name())
        };
        assert_eq!(event(None, None), None);
        assert_eq!(event(Some(&one), Some(&one)), None);
        assert_eq!(event(None, Some(&one)), Some("INSERT"));
        assert_eq!(event(Some(&one), Some(&two)), Some("MODIFY"));
        assert_eq!(event(Some(&two), None), Some("REMOVE"));
    }

    fn stream() -> StreamRow {
        let hash = KeyAttribute { name: "p".into(), scalar: Scalar::S };
        StreamRow {
            id: 300,
            table: "t".into(),
            label: "l".into(),
            view: "KEYS_ONLY".into(),
            keys: Keys { hash, range: None },
            created: UnixMillis(1_731_940_604_149),
            ended: Some(UnixMillis(1)),
            shards: 2,
            trimmed: vec![Place { version: 300, number: 1 }, Place::default()],
        }
    }

    #[test]
    fn a_shard_is_known_by_its_id() {
        let stream = stream();
        let ids = [stream.shard_id(0), stream.shard_id(1)];
        assert!(ids[0].starts_with("shardId-00000001731940604149-00") && ids[0] != ids[1]);
        assert_eq!((stream.shard(&ids[1]), stream.shard("shardId-x")), (Some(1), None));
        assert_eq!(stream.trimmed_to(0), Some(Place { version: 300, number: 1 }));
        assert_eq!((stream.trimmed_to(1), stream.trimmed_to(9)), (None, None));
    }

    /// On disks: may never change.
    #[test]
    fn golden_rows() {
        let golden =
            b"\x01\xac\x02\x01t\x01l\tKEYS_ONLY\x01p\x00\x00\xea\xe3\xa2\xfb\xe7d\x01\x02\x02\x02\xac\x02\x01\x00\x00";
        assert_eq!(encode_row(&stream()).unwrap().escape_ascii().to_string(), golden.escape_ascii().to_string());
        assert_eq!(decode_row::<StreamRow>(b"", golden).unwrap(), stream());
        let record = Recorded {
            at: UnixMillis(300),
            event: Event::Remove,
            expired: true,
            bytes: 300,
            keys: b"k".to_vec(),
            new: None,
            old: Some(b"o".to_vec()),
        };
        let golden = b"\x01\xd8\x04\x02\x01\xac\x02\x01k\x00\x01\x01o";
        assert_eq!(encode_row(&record).unwrap().escape_ascii().to_string(), golden.escape_ascii().to_string());
        assert_eq!(decode_row::<Recorded>(b"", golden).unwrap(), record);
    }
}
