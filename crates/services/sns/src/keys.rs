//! Every key type of this service, with a test of its order. The tag byte is in `updraft_store::tags`.

pub(crate) mod people;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

use crate::model::archive::Archived;
use crate::model::name::{SubscriptionId, TopicId};
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;

/// Kinds of rows within the tag; never reused.
const TOPIC: u8 = 1;
const SUBSCRIPTION: u8 = 2;
const ENDPOINT: u8 = 3;
const OWNED: u8 = 4;
const TOKEN: u8 = 5;
const SEQUENCE: u8 = 6;
const SEEN: u8 = 7;
const BEHIND: u8 = 8;
const ARCHIVED: u8 = 9;
const ENDED: u8 = 10;
const COUNT: u8 = 11;

/// A topic by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TopicKey<'a>(pub(crate) &'a TopicId);

impl Key for TopicKey<'_> {
    type Row = Topic;
    fn encode(&self) -> Bytes {
        topic(self.0, TOPIC).str(&self.0.name).build()
    }
}

impl TopicKey<'_> {
    /// All topics of an account in a region, by name.
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, TOPIC).prefix_range()
    }
}

/// Whose rows of one topic are meant: its account and region, and its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered<'a> {
    pub(crate) topic: &'a TopicId,
    pub(crate) number: u64,
}

impl Numbered<'_> {
    fn key(&self, kind: u8) -> KeyBuilder {
        topic(self.topic, kind).u64(self.number)
    }

    pub(crate) fn subscriptions(&self) -> KeyRange {
        self.key(SUBSCRIPTION).prefix_range()
    }

    /// What duplicates are told by that were published in this span of time.
    pub(crate) fn seen_in(&self, window: u64) -> KeyRange {
        self.key(SEEN).u64(window).prefix_range()
    }

    /// Messages that wait for a subscription which couldn't take one, of whichever groups.
    pub(crate) fn all_behind(&self) -> KeyRange {
        self.key(BEHIND).prefix_range()
    }

    /// Those of one group that wait for one subscription.
    pub(crate) fn behind(&self, subscription: &str, group: &str) -> KeyRange {
        self.key(BEHIND).str(subscription).str(group).prefix_range()
    }

    /// What lies in ranges of its own, beside its subscriptions.
    pub(crate) fn leftovers(&self) -> [KeyRange; 4] {
        [SEQUENCE, SEEN, BEHIND, ARCHIVED].map(|kind| self.key(kind).prefix_range())
    }
}

/// A subscription of a topic, by the UUID at its ARN's end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SubscriptionKey<'a>(pub(crate) Numbered<'a>, pub(crate) &'a str);

impl Key for SubscriptionKey<'_> {
    type Row = Subscription;
    fn encode(&self) -> Bytes {
        self.0.key(SUBSCRIPTION).str(self.1).build()
    }
}

impl SubscriptionKey<'_> {
    /// The UUID in a key as it lies in the store.
    ///
    /// # Errors
    /// If it isn't one.
    pub(crate) fn id(key: &[u8]) -> Result<String> {
        let (_scope, mut reader) = opened(key)?;
        let _number = reader.u64()?;
        reader.str()
    }
}

/// The UUID of the subscription that a topic has for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known(pub(crate) String);

impl Row for Known {
    const VERSION: u8 = 1;
}

/// What a topic is told by that something is subscribed to it already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndpointKey<'a> {
    pub(crate) topic: Numbered<'a>,
    pub(crate) protocol: &'a str,
    pub(crate) endpoint: &'a str,
}

impl Key for EndpointKey<'_> {
    type Row = Known;
    fn encode(&self) -> Bytes {
        self.topic.key(ENDPOINT).str(self.protocol).str(self.endpoint).build()
    }
}

/// Where a subscription lies, for who looks for it by something else than its topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) topic: String,
    pub(crate) number: u64,
    pub(crate) id: String,
}

impl Row for Place {
    const VERSION: u8 = 1;
}

impl Place {
    /// `number`: the topic's.
    pub(crate) fn of(subscription: &SubscriptionId, number: u64) -> Self {
        let TopicId { account, region, name } = subscription.topic.clone();
        Self { account, region, topic: name, number, id: subscription.id.clone() }
    }

    pub(crate) fn topic_id(&self) -> TopicId {
        TopicId { account: self.account.clone(), region: self.region.clone(), name: self.topic.clone() }
    }
}

/// A subscription by who owns it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnedKey<'a> {
    pub(crate) owner: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) id: &'a str,
}

impl Key for OwnedKey<'_> {
    type Row = Place;
    fn encode(&self) -> Bytes {
        scope(self.owner, self.region, OWNED).str(self.id).build()
    }
}

impl OwnedKey<'_> {
    pub(crate) fn all(owner: &AccountId, region: &Region) -> KeyRange {
        scope(owner, region, OWNED).prefix_range()
    }
}

/// A subscription by the token that confirms it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) token: &'a str,
}

impl Key for TokenKey<'_> {
    type Row = Place;
    fn encode(&self) -> Bytes {
        scope(self.account, self.region, TOKEN).str(self.token).build()
    }
}

/// A subscription that was ended, for who wants it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) place: Place,
    pub(crate) row: Subscription,
    pub(crate) at: updraft_kernel::UnixMillis,
}

impl Row for Ended {
    const VERSION: u8 = 1;
}

/// An ended subscription by the token that brings it back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndedKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) token: &'a str,
}

impl Key for EndedKey<'_> {
    type Row = Ended;
    fn encode(&self) -> Bytes {
        scope(self.account, self.region, ENDED).str(self.token).build()
    }
}

/// The last `SequenceNumber` that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sequence(pub(crate) u64);

impl Row for Sequence {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SequenceKey<'a>(pub(crate) Numbered<'a>);

impl Key for SequenceKey<'_> {
    type Row = Sequence;
    fn encode(&self) -> Bytes {
        self.0.key(SEQUENCE).build()
    }
}

/// What an account's limits are about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counted {
    Topics {
        fifo: bool,
    },
    /// Filter policies.
    Filters,
    /// Those of one topic, by its number.
    FiltersOf(u64),
}

/// How many there are; nothing lies there where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count(pub(crate) u64);

impl Row for Count {
    const VERSION: u8 = 1;
}

/// Of whichever topic's account and region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountKey<'a>(pub(crate) &'a TopicId, pub(crate) Counted);

impl Key for CountKey<'_> {
    type Row = Count;
    fn encode(&self) -> Bytes {
        let key = topic(self.0, COUNT);
        match self.1 {
            Counted::Topics { fifo } => key.u8(1).u8(fifo.into()).build(),
            Counted::Filters => key.u8(2).build(),
            Counted::FiltersOf(number) => key.u8(3).u64(number).build(),
        }
    }
}

/// What was answered to a publish, for its duplicates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) sequence: String,
    pub(crate) at: UnixMillis,
}

impl Row for Seen {
    const VERSION: u8 = 1;
}

/// A publish by its deduplication id, within the span of time in which it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeenKey<'a> {
    pub(crate) topic: Numbered<'a>,
    pub(crate) window: u64,
    /// Empty where duplicates are told within the whole topic.
    pub(crate) group: &'a str,
    pub(crate) id: &'a str,
}

impl Key for SeenKey<'_> {
    type Row = Seen;
    fn encode(&self) -> Bytes {
        self.topic.key(SEEN).u64(self.window).str(self.group).str(self.id).build()
    }
}

/// That a message of a group waits for a subscription which couldn't take one: those after it wait behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BehindKey<'a> {
    pub(crate) topic: Numbered<'a>,
    pub(crate) subscription: &'a str,
    pub(crate) group: &'a str,
    /// The message's.
    pub(crate) id: &'a str,
}

/// Nothing but its being there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waits;

impl Row for Waits {
    const VERSION: u8 = 1;
}

impl Key for BehindKey<'_> {
    type Row = Waits;
    fn encode(&self) -> Bytes {
        self.topic.key(BEHIND).str(self.subscription).str(self.group).str(self.id).build()
    }
}

/// A message that a topic keeps, by when it was published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArchivedKey<'a> {
    pub(crate) topic: Numbered<'a>,
    pub(crate) at: UnixMillis,
    /// Twenty digits.
    pub(crate) sequence: &'a str,
}

impl Key for ArchivedKey<'_> {
    type Row = Archived;
    fn encode(&self) -> Bytes {
        self.topic.key(ARCHIVED).millis(self.at).str(self.sequence).build()
    }
}

impl ArchivedKey<'_> {
    /// From a moment on, until another (which is in it), behind what was read before.
    pub(crate) fn between(
        topic: Numbered<'_>,
        from: UnixMillis,
        until: Option<UnixMillis>,
        after: Option<&(UnixMillis, String)>,
    ) -> KeyRange {
        let start = topic.key(ARCHIVED).millis(from).build();
        let end = match until {
            Some(until) => topic.key(ARCHIVED).millis(until).prefix_range().end,
            None => topic.key(ARCHIVED).prefix_range().end,
        };
        let range = KeyRange { start, end };
        match after {
            Some((at, sequence)) => range.after(&ArchivedKey { topic, at: *at, sequence }.encode()),
            None => range,
        }
    }

    /// What was published before a moment.
    pub(crate) fn before(topic: Numbered<'_>, end: UnixMillis) -> KeyRange {
        let start = topic.key(ARCHIVED).prefix_range().start;
        KeyRange { start, end: topic.key(ARCHIVED).millis(end).build() }
    }
}

fn topic(id: &TopicId, kind: u8) -> KeyBuilder {
    scope(&id.account, &id.region, kind)
}

fn scope(account: &AccountId, region: &Region, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::SNS).scope(account, region).u8(kind)
}

/// A key's account and region, and a reader behind its kind.
fn opened(key: &[u8]) -> Result<((String, String), KeyReader<'_>)> {
    let mut reader = KeyReader::new(key, tags::SNS)?;
    let scope = (reader.str()?, reader.str()?);
    let _kind = reader.u8()?;
    Ok((scope, reader))
}

/// The name in the key of a topic.
///
/// # Errors
/// If it isn't one.
pub(crate) fn name_of(key: &[u8]) -> Result<String> {
    opened(key)?.1.str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> TopicId {
        TopicId { account: AccountId::local(), region: Region::default_region(), name: "t".into() }
    }

    #[test]
    fn golden_keys() {
        let id = id();
        let topic = Numbered { topic: &id, number: 258 };
        let (owner, region) = (&id.account, &id.region);
        let keys = [
            (TopicKey(&id).encode(), r"\x15\x01\x02t\x00"),
            (SubscriptionKey(topic, "s").encode(), r"\x15\x02\x16\x01\x02\x02s\x00"),
            (
                EndpointKey { topic, protocol: "sqs", endpoint: "e" }.encode(),
                r"\x15\x03\x16\x01\x02\x02sqs\x00\x02e\x00",
            ),
            (OwnedKey { owner, region, id: "s" }.encode(), r"\x15\x04\x02s\x00"),
            (TokenKey { account: owner, region, token: "k" }.encode(), r"\x15\x05\x02k\x00"),
            (SequenceKey(topic).encode(), r"\x15\x06\x16\x01\x02"),
            (
                SeenKey { topic, window: 3, group: "", id: "d" }.encode(),
                r"\x15\x07\x16\x01\x02\x15\x03\x02\x00\x02d\x00",
            ),
            (
                BehindKey { topic, subscription: "s", group: "g", id: "m" }.encode(),
                r"\x15\x08\x16\x01\x02\x02s\x00\x02g\x00\x02m\x00",
            ),
            (EndedKey { account: owner, region, token: "k" }.encode(), r"\x15\n\x02k\x00"),
            (CountKey(&id, Counted::Topics { fifo: true }).encode(), r"\x15\x0b\x15\x01\x15\x01"),
            (CountKey(&id, Counted::Filters).encode(), r"\x15\x0b\x15\x02"),
            (CountKey(&id, Counted::FiltersOf(258)).encode(), r"\x15\x0b\x15\x03\x16\x01\x02"),
        ];
        let at = UnixMillis(258);
        let archived = ArchivedKey { topic, at, sequence: "1" }.encode();
        let keys = keys.into_iter().chain([(archived, r"\x15\t\x16\x01\x02\x16\x01\x02\x021\x00")]);
        for (key, bytes) in keys {
            assert_eq!(key.escape_ascii().to_string(), format!(r"\x18\x02000000000000\x00\x02us-east-1\x00{bytes}"));
        }
    }

    #[test]
    fn a_topics_rows_lie_together_and_apart_from_the_next_ones() {
        let id = id();
        let (one, next) = (Numbered { topic: &id, number: 255 }, Numbered { topic: &id, number: 256 });
        let range = one.subscriptions();
        let within = |key: &Bytes| range.start <= *key && *key < range.end;
        assert!(within(&SubscriptionKey(one, "a").encode()) && within(&SubscriptionKey(one, "z").encode()));
        assert!(!within(&SubscriptionKey(next, "a").encode()));
        assert!(SubscriptionKey(one, "a").encode() < SubscriptionKey(one, "b").encode());
        assert!(SubscriptionKey(one, "z").encode() < SubscriptionKey(next, "a").encode());
    }

    #[test]
    fn what_is_kept_lies_by_its_time() {
        let id = id();
        let topic = Numbered { topic: &id, number: 7 };
        let key = |at, sequence| ArchivedKey { topic, at: UnixMillis(at), sequence }.encode();
        let within = |range: &KeyRange, key: Bytes| range.start <= key && key < range.end;
        let range = ArchivedKey::between(topic, UnixMillis(255), Some(UnixMillis(256)), None);
        assert!(within(&range, key(255, "1")) && within(&range, key(256, "9")));
        assert!(!within(&range, key(254, "9")) && !within(&range, key(257, "1")));
        let rest = ArchivedKey::between(topic, UnixMillis(255), None, Some(&(UnixMillis(255), "1".into())));
        assert!(!within(&rest, key(255, "1")) && within(&rest, key(255, "2")) && within(&rest, key(70_000, "0")));
        let old = ArchivedKey::before(topic, UnixMillis(256));
        assert!(within(&old, key(255, "9")) && !within(&old, key(256, "0")));
    }

    #[test]
    fn names_are_read_back() {
        let id = id();
        assert_eq!(name_of(&TopicKey(&id).encode()).unwrap(), "t");
        let key = SubscriptionKey(Numbered { topic: &id, number: 7 }, "s").encode();
        assert_eq!(SubscriptionKey::id(&key).unwrap(), "s");
    }
}
