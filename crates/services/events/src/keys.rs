//! Every key type of this service, with a test of its order. The tag byte is in `updraft_store::tags`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Ctx, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

use crate::model::archive::{Archive, Archived, Held, Replay};
use crate::model::bus::Bus;
use crate::model::connection::{ApiDestination, Connection};
use crate::model::name::{BusId, RuleId};
use crate::model::rule::Rule;
use crate::model::target::StoredTarget;

/// Kinds of rows within the tag; never reused.
const BUS: u8 = 1;
const RULE: u8 = 2;
const TARGET: u8 = 3;
const GENERATION: u8 = 4;
const ARCHIVE: u8 = 5;
const HELD: u8 = 6;
const ARCHIVED: u8 = 7;
const REPLAY: u8 = 8;
const CONNECTION: u8 = 9;
const DESTINATION: u8 = 10;

/// A bus by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BusKey<'a>(pub(crate) &'a BusId);

impl Key for BusKey<'_> {
    type Row = Bus;
    fn encode(&self) -> Bytes {
        of_bus(self.0, BUS).build()
    }
}

impl BusKey<'_> {
    /// The buses of an account in a region whose names begin so, by name.
    pub(crate) fn starting(account: &AccountId, region: &Region, head: &str) -> KeyRange {
        scope(account, region, BUS).str_starting(head)
    }
}

/// A rule by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleKey<'a>(pub(crate) &'a RuleId);

impl Key for RuleKey<'_> {
    type Row = Rule;
    fn encode(&self) -> Bytes {
        of_bus(&self.0.bus, RULE).str(&self.0.name).build()
    }
}

impl RuleKey<'_> {
    /// The rules of a bus whose names begin so, by name.
    pub(crate) fn starting(bus: &BusId, head: &str) -> KeyRange {
        of_bus(bus, RULE).str_starting(head)
    }
}

/// A target of a rule, by its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TargetKey<'a>(pub(crate) &'a RuleId, pub(crate) &'a str);

impl Key for TargetKey<'_> {
    type Row = StoredTarget;
    fn encode(&self) -> Bytes {
        of_bus(&self.0.bus, TARGET).str(&self.0.name).str(self.1).build()
    }
}

impl TargetKey<'_> {
    /// Those of a rule, by their ids.
    pub(crate) fn of_rule(rule: &RuleId) -> KeyRange {
        of_bus(&rule.bus, TARGET).str(&rule.name).prefix_range()
    }

    /// Those of all rules of a bus, by rule.
    pub(crate) fn of_bus(bus: &BusId) -> KeyRange {
        of_bus(bus, TARGET).prefix_range()
    }

    /// The names of rule and target in a key.
    ///
    /// # Errors
    /// If it isn't one.
    pub(crate) fn names(key: &[u8]) -> Result<(String, String)> {
        let mut reader = opened(key)?;
        let _bus = reader.str()?;
        Ok((reader.str()?, reader.str()?))
    }
}

/// Another number each time when something changes that a bus looks for in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Generation(pub(crate) u64);

impl Row for Generation {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct GenerationKey<'a>(pub(crate) &'a BusId);

impl Key for GenerationKey<'_> {
    type Row = Generation;
    fn encode(&self) -> Bytes {
        of_bus(self.0, GENERATION).build()
    }
}

/// Whose things are meant, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(cx: &'a Ctx) -> Self {
        Self { account: &cx.account, region: &cx.region }
    }

    fn key(&self, kind: u8) -> KeyBuilder {
        scope(self.account, self.region, kind)
    }
}

/// An archive by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArchiveKey<'a>(pub(crate) Scope<'a>, pub(crate) &'a str);

impl Key for ArchiveKey<'_> {
    type Row = Archive;
    fn encode(&self) -> Bytes {
        self.0.key(ARCHIVE).str(self.1).build()
    }
}

impl ArchiveKey<'_> {
    /// Those whose names begin so, by name.
    pub(crate) fn starting(scope: Scope<'_>, head: &str) -> KeyRange {
        scope.key(ARCHIVE).str_starting(head)
    }
}

/// How much the archive of a number holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldKey<'a>(pub(crate) Scope<'a>, pub(crate) u64);

impl Key for HeldKey<'_> {
    type Row = Held;
    fn encode(&self) -> Bytes {
        self.0.key(HELD).u64(self.1).build()
    }
}

/// An event in the archive of a number, by its own time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArchivedKey<'a> {
    pub(crate) scope: Scope<'a>,
    pub(crate) archive: u64,
    pub(crate) at: UnixMillis,
    pub(crate) id: &'a str,
}

impl Key for ArchivedKey<'_> {
    type Row = Archived;
    fn encode(&self) -> Bytes {
        self.scope.key(ARCHIVED).u64(self.archive).millis(self.at).str(self.id).build()
    }
}

impl ArchivedKey<'_> {
    /// From a moment on, until before another.
    pub(crate) fn between(scope: Scope<'_>, archive: u64, from: UnixMillis, until: UnixMillis) -> KeyRange {
        let start = scope.key(ARCHIVED).u64(archive);
        let end = scope.key(ARCHIVED).u64(archive);
        KeyRange { start: start.millis(from).build(), end: end.millis(until).build() }
    }

    /// All that the archive holds.
    pub(crate) fn all(scope: Scope<'_>, archive: u64) -> KeyRange {
        scope.key(ARCHIVED).u64(archive).prefix_range()
    }
}

/// A replay by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplayKey<'a>(pub(crate) Scope<'a>, pub(crate) &'a str);

impl Key for ReplayKey<'_> {
    type Row = Replay;
    fn encode(&self) -> Bytes {
        self.0.key(REPLAY).str(self.1).build()
    }
}

impl ReplayKey<'_> {
    /// Those whose names begin so, by name.
    pub(crate) fn starting(scope: Scope<'_>, head: &str) -> KeyRange {
        scope.key(REPLAY).str_starting(head)
    }
}

/// A connection by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionKey<'a>(pub(crate) Scope<'a>, pub(crate) &'a str);

impl Key for ConnectionKey<'_> {
    type Row = Connection;
    fn encode(&self) -> Bytes {
        self.0.key(CONNECTION).str(self.1).build()
    }
}

impl ConnectionKey<'_> {
    /// Those whose names begin so, by name.
    pub(crate) fn starting(scope: Scope<'_>, head: &str) -> KeyRange {
        scope.key(CONNECTION).str_starting(head)
    }
}

/// An API destination by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DestinationKey<'a>(pub(crate) Scope<'a>, pub(crate) &'a str);

impl Key for DestinationKey<'_> {
    type Row = ApiDestination;
    fn encode(&self) -> Bytes {
        self.0.key(DESTINATION).str(self.1).build()
    }
}

impl DestinationKey<'_> {
    /// Those whose names begin so, by name.
    pub(crate) fn starting(scope: Scope<'_>, head: &str) -> KeyRange {
        scope.key(DESTINATION).str_starting(head)
    }
}

fn of_bus(bus: &BusId, kind: u8) -> KeyBuilder {
    scope(&bus.account, &bus.region, kind).str(&bus.name)
}

fn scope(account: &AccountId, region: &Region, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::EVENTS).scope(account, region).u8(kind)
}

/// A reader behind a key's kind.
fn opened(key: &[u8]) -> Result<KeyReader<'_>> {
    let mut reader = KeyReader::new(key, tags::EVENTS)?;
    let _scope_and_kind = (reader.str()?, reader.str()?, reader.u8()?);
    Ok(reader)
}

/// The name in the key of something that is known by one name within its account and region.
///
/// # Errors
/// If it isn't one.
pub(crate) fn name_of(key: &[u8]) -> Result<String> {
    opened(key)?.str()
}

/// The name of the rule in its key.
///
/// # Errors
/// If it isn't one.
pub(crate) fn rule_name(key: &[u8]) -> Result<String> {
    let mut reader = opened(key)?;
    let _bus = reader.str()?;
    reader.str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bus(name: &str) -> BusId {
        BusId { account: AccountId::local(), region: Region::default_region(), name: name.into() }
    }

    #[test]
    fn golden_keys() {
        let rule = bus("b").rule("r");
        let scope = Scope { account: &rule.bus.account, region: &rule.bus.region };
        let archived = ArchivedKey { scope, archive: 258, at: UnixMillis(3), id: "i" };
        let keys = [
            (ArchiveKey(scope, "a").encode(), r"\x15\x05\x02a\x00"),
            (HeldKey(scope, 258).encode(), r"\x15\x06\x16\x01\x02"),
            (archived.encode(), r"\x15\x07\x16\x01\x02\x15\x03\x02i\x00"),
            (ConnectionKey(scope, "a").encode(), r"\x15\t\x02a\x00"),
            (DestinationKey(scope, "a").encode(), r"\x15\n\x02a\x00"),
            (ReplayKey(scope, "a").encode(), r"\x15\x08\x02a\x00"),
            (BusKey(&rule.bus).encode(), r"\x15\x01\x02b\x00"),
            (RuleKey(&rule).encode(), r"\x15\x02\x02b\x00\x02r\x00"),
            (TargetKey(&rule, "t").encode(), r"\x15\x03\x02b\x00\x02r\x00\x02t\x00"),
            (GenerationKey(&rule.bus).encode(), r"\x15\x04\x02b\x00"),
        ];
        for (key, bytes) in keys {
            assert_eq!(key.escape_ascii().to_string(), format!(r"\x19\x02000000000000\x00\x02us-east-1\x00{bytes}"));
        }
    }

    #[test]
    fn a_rules_targets_lie_together_and_apart_from_the_next_ones() {
        let (one, next) = (bus("b").rule("r"), bus("b").rule("r2"));
        let range = TargetKey::of_rule(&one);
        let within = |key: Bytes| range.contains(&key);
        assert!(within(TargetKey(&one, "a").encode()) && within(TargetKey(&one, "z").encode()));
        assert!(!within(TargetKey(&next, "a").encode()));
        assert!(TargetKey::of_bus(&one.bus).contains(&TargetKey(&next, "a").encode()));
        assert!(!TargetKey::of_bus(&one.bus).contains(&TargetKey(&bus("b2").rule("r"), "a").encode()));
        assert!(RuleKey::starting(&one.bus, "r").contains(&RuleKey(&next).encode()));
        assert!(!RuleKey::starting(&one.bus, "r2").contains(&RuleKey(&one).encode()));
    }

    #[test]
    fn what_is_kept_lies_by_its_time() {
        let bus = bus("b");
        let scope = Scope { account: &bus.account, region: &bus.region };
        let key = |archive, at| ArchivedKey { scope, archive, at: UnixMillis(at), id: "i" }.encode();
        let range = ArchivedKey::between(scope, 7, UnixMillis(255), UnixMillis(257));
        assert!(range.contains(&key(7, 255)) && range.contains(&key(7, 256)));
        assert!(!range.contains(&key(7, 254)) && !range.contains(&key(7, 257)) && !range.contains(&key(8, 255)));
        let all = ArchivedKey::all(scope, 7);
        assert!(all.contains(&key(7, -1)) && all.contains(&key(7, i64::MAX)) && !all.contains(&key(8, 0)));
    }

    #[test]
    fn names_are_read_back() {
        let rule = bus("b").rule("r");
        assert_eq!(name_of(&BusKey(&rule.bus).encode()).unwrap(), "b");
        assert_eq!(rule_name(&RuleKey(&rule).encode()).unwrap(), "r");
        assert_eq!(TargetKey::names(&TargetKey(&rule, "t").encode()).unwrap(), ("r".into(), "t".into()));
    }
}
