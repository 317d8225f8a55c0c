//! Where what a queue holds lies: all behind the queue's number, so that a queue made again finds nothing of it.

use bytes::Bytes;
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{CommitVersion, Key, KeyBuilder, KeyRange, KeyReader, Result, Topic, tags};

use super::held;
use crate::model::message::{Address, Attempt, Entry, Hinted, Mark, Scope, Seen, State, Stored};

/// `(…, number, 1, address)`.
const MESSAGE: u8 = 1;
/// `(…, number, 2, address, n)`.
const PIECE: u8 = 2;
/// `(…, number, 3, address)`.
const STATE: u8 = 3;
/// `(…, number, 4, visible, address)`: all messages of a standard queue; of a FIFO queue those that can't be seen yet.
const VISIBLE: u8 = 4;
/// `(…, number, 5, group, address)`: all messages of a FIFO queue.
const GROUP: u8 = 5;
/// `(…, number, 6, visible, group)`: when the group is to be looked at.
const HINT: u8 = 6;
/// `(…, number, 7, group)`: there is a hint of the group, of a FIFO queue.
const HINTED: u8 = 7;
/// `(…, number, 8, scope, id, commit version, n)`.
const SEEN: u8 = 8;
/// `(…, number, 9, due, commit version, n)`.
const FORGET: u8 = 9;
/// `(…, number, 10, id)`.
const ATTEMPT: u8 = 10;
/// `(…, number, 11)`: how many messages there are.
const COUNT: u8 = 11;
/// `(…, number, 12, group, visible, address)`: messages of a standard queue that say a group.
const TENANT: u8 = 12;
/// `(…, number, 13, group)`: where the hint of such a group is.
const TENANT_HINT: u8 = 13;
/// `(…, number, 14, window, id)`: a service has sent it in this window of time.
const ONCE: u8 = 14;

/// The rows of one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) number: u64,
    /// What all their keys begin with.
    head: Bytes,
}

impl Rows {
    pub(crate) fn new(account: &AccountId, region: &Region, number: u64) -> Self {
        Self { number, head: held(account, region, number).build() }
    }

    fn key(&self, kind: u8) -> KeyBuilder {
        KeyBuilder::behind(&self.head).u8(kind)
    }

    /// Touched by whatever may let somebody receive something.
    pub(crate) fn topic(&self) -> Topic {
        Topic::of(&[b"sqs", &self.number.to_be_bytes()])
    }

    pub(crate) fn count(&self) -> Bytes {
        self.key(COUNT).build()
    }

    pub(crate) fn message(&self, address: Address) -> MessageKey<'_> {
        MessageKey(self, address)
    }

    /// What stands before the version of a FIFO message's commit.
    pub(crate) fn message_prefix(&self) -> Bytes {
        self.key(MESSAGE).build()
    }

    pub(crate) fn messages(&self) -> KeyRange {
        self.key(MESSAGE).prefix_range()
    }

    pub(crate) fn piece(&self, address: Address, n: u8) -> Bytes {
        addressed(self.key(PIECE), address, Some(n))
    }

    pub(crate) fn piece_prefix(&self) -> Bytes {
        self.key(PIECE).build()
    }

    pub(crate) fn state(&self, address: Address) -> StateKey<'_> {
        StateKey(self, address)
    }

    pub(crate) fn visible(&self, at: UnixMillis, address: Address) -> VisibleKey<'_> {
        VisibleKey(self, at, address)
    }

    pub(crate) fn visible_prefix(&self, at: UnixMillis) -> Bytes {
        self.key(VISIBLE).millis(at).build()
    }

    /// What can be seen now, from the front of the queue.
    pub(crate) fn visible_by(&self, now: UnixMillis) -> KeyRange {
        until(self.key(VISIBLE), self.key(VISIBLE).millis(after(now)))
    }

    /// What can't be seen yet.
    pub(crate) fn visible_later(&self, now: UnixMillis) -> KeyRange {
        KeyRange { start: self.key(VISIBLE).millis(after(now)).build(), ..self.key(VISIBLE).prefix_range() }
    }

    pub(crate) fn group<'a>(&'a self, group: &'a str, address: Address) -> GroupKey<'a> {
        GroupKey(self, group, address)
    }

    pub(crate) fn group_prefix(&self, group: &str) -> Bytes {
        self.key(GROUP).str(group).build()
    }

    pub(crate) fn grouped(&self, group: &str) -> KeyRange {
        self.key(GROUP).str(group).prefix_range()
    }

    pub(crate) fn hint<'a>(&'a self, at: UnixMillis, group: &'a str) -> HintKey<'a> {
        HintKey(self, at, group)
    }

    pub(crate) fn hints_by(&self, now: UnixMillis) -> KeyRange {
        until(self.key(HINT), self.key(HINT).millis(after(now)))
    }

    pub(crate) fn hints_later(&self, now: UnixMillis) -> KeyRange {
        KeyRange { start: self.key(HINT).millis(after(now)).build(), ..self.key(HINT).prefix_range() }
    }

    pub(crate) fn hinted<'a>(&'a self, group: &'a str) -> HintedKey<'a> {
        HintedKey(self, group)
    }

    pub(crate) fn tenant<'a>(&'a self, group: &'a str, at: UnixMillis, address: Address) -> TenantKey<'a> {
        TenantKey(self, group, at, address)
    }

    /// All of a group of a standard queue, by when they can be seen.
    pub(crate) fn tenants(&self, group: &str) -> KeyRange {
        self.key(TENANT).str(group).prefix_range()
    }

    /// All messages that say groups, of a standard queue.
    pub(crate) fn all_tenants(&self) -> KeyRange {
        self.key(TENANT).prefix_range()
    }

    pub(crate) fn tenant_hint<'a>(&'a self, group: &'a str) -> TenantHintKey<'a> {
        TenantHintKey(self, group)
    }

    /// `window`: the how manieth since the epoch.
    pub(crate) fn once<'a>(&'a self, window: u64, id: &'a str) -> OnceKey<'a> {
        OnceKey(self, window, id)
    }

    /// What services sent before this window.
    pub(crate) fn once_before(&self, window: u64) -> KeyRange {
        until(self.key(ONCE), self.key(ONCE).u64(window))
    }

    pub(crate) fn seen_prefix(&self, scope: &Scope, id: &str) -> Bytes {
        self.seen_key(scope, id).build()
    }

    pub(crate) fn seen(&self, scope: &Scope, id: &str) -> KeyRange {
        self.seen_key(scope, id).prefix_range()
    }

    fn seen_key(&self, scope: &Scope, id: &str) -> KeyBuilder {
        let key = self.key(SEEN);
        let key = match scope {
            Scope::Queue => key.u8(0),
            Scope::Group(group) => key.u8(1).str(group),
            Scope::Service => key.u8(2),
        };
        key.str(id)
    }

    pub(crate) fn forget_prefix(&self, due: UnixMillis) -> Bytes {
        self.key(FORGET).millis(due).build()
    }

    pub(crate) fn forgettable_by(&self, now: UnixMillis) -> KeyRange {
        until(self.key(FORGET), self.key(FORGET).millis(after(now)))
    }

    pub(crate) fn attempt<'a>(&'a self, id: &'a str) -> AttemptKey<'a> {
        AttemptKey(self, id)
    }
}

/// What stands behind the commit version: which one of the commit's it is, and which piece of it.
pub(crate) fn suffix(minor: u64, piece: Option<u8>) -> Bytes {
    let key = KeyBuilder::new(0).u64(minor);
    let key = match piece {
        Some(n) => key.u8(n),
        None => key,
    };
    key.build().slice(1..)
}

/// A key that may have been written by its commit's version.
pub(crate) fn versioned(prefix: &Bytes, address: Address) -> Bytes {
    let version = address.major.to_be_bytes();
    [&prefix[..], &version, &suffix(address.minor, None)].concat().into()
}

fn addressed(key: KeyBuilder, address: Address, piece: Option<u8>) -> Bytes {
    let key = key.version(CommitVersion(address.major)).u64(address.minor);
    match piece {
        Some(n) => key.u8(n).build(),
        None => key.build(),
    }
}

fn until(start: KeyBuilder, end: KeyBuilder) -> KeyRange {
    KeyRange { start: start.build(), end: end.build() }
}

fn after(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0.saturating_add(1))
}

/// Behind the tag, account, region, `HELD`, number and kind.
fn parts(key: &[u8]) -> Result<KeyReader<'_>> {
    let mut reader = KeyReader::new(key, tags::SQS)?;
    let _scope = (reader.str()?, reader.str()?);
    let _kinds = (reader.u8()?, reader.u64()?, reader.u8()?);
    Ok(reader)
}

fn address(reader: &mut KeyReader<'_>) -> Result<Address> {
    Ok(Address { major: reader.version()?.0, minor: reader.u64()? })
}

/// The address that the key of a message ends with.
pub(crate) fn of_message(key: &[u8]) -> Result<Address> {
    address(&mut parts(key)?)
}

/// When, and which.
pub(crate) fn of_visible(key: &[u8]) -> Result<(UnixMillis, Address)> {
    let mut reader = parts(key)?;
    Ok((reader.millis()?, address(&mut reader)?))
}

/// Which one of its group.
pub(crate) fn of_grouped(key: &[u8]) -> Result<Address> {
    let mut reader = parts(key)?;
    let _group = reader.str()?;
    address(&mut reader)
}

/// When, and which one of its group.
pub(crate) fn of_tenant(key: &[u8]) -> Result<(UnixMillis, Address)> {
    let mut reader = parts(key)?;
    let _group = reader.str()?;
    Ok((reader.millis()?, address(&mut reader)?))
}

/// Which group.
pub(crate) fn tenant_of(key: &[u8]) -> Result<String> {
    parts(key)?.str()
}

/// When, and which group.
pub(crate) fn of_hint(key: &[u8]) -> Result<(UnixMillis, String)> {
    let mut reader = parts(key)?;
    Ok((reader.millis()?, reader.str()?))
}

/// Version and place of the commit that wrote it.
pub(crate) fn of_forget(key: &[u8]) -> Result<Address> {
    let mut reader = parts(key)?;
    let _due = reader.millis()?;
    address(&mut reader)
}

/// Version and place of the commit that wrote it. `prefix`: what stands before.
pub(crate) fn of_seen(key: &[u8], prefix: &Bytes) -> Result<Address> {
    // The scope's parts differ in number, so the rest is read as a key of its own.
    let rest = [&[tags::SQS], key.get(prefix.len()..).unwrap_or_default()].concat();
    address(&mut KeyReader::new(&rest, tags::SQS)?)
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageKey<'a>(&'a Rows, Address);

impl Key for MessageKey<'_> {
    type Row = Stored;
    fn encode(&self) -> Bytes {
        addressed(self.0.key(MESSAGE), self.1, None)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct StateKey<'a>(&'a Rows, Address);

impl Key for StateKey<'_> {
    type Row = State;
    fn encode(&self) -> Bytes {
        addressed(self.0.key(STATE), self.1, None)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct VisibleKey<'a>(&'a Rows, UnixMillis, Address);

impl Key for VisibleKey<'_> {
    type Row = Entry;
    fn encode(&self) -> Bytes {
        addressed(self.0.key(VISIBLE).millis(self.1), self.2, None)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupKey<'a>(&'a Rows, &'a str, Address);

impl Key for GroupKey<'_> {
    type Row = Entry;
    fn encode(&self) -> Bytes {
        addressed(self.0.key(GROUP).str(self.1), self.2, None)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct HintKey<'a>(&'a Rows, UnixMillis, &'a str);

impl Key for HintKey<'_> {
    type Row = Mark;
    fn encode(&self) -> Bytes {
        self.0.key(HINT).millis(self.1).str(self.2).build()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct HintedKey<'a>(&'a Rows, &'a str);

impl Key for HintedKey<'_> {
    type Row = Mark;
    fn encode(&self) -> Bytes {
        self.0.key(HINTED).str(self.1).build()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TenantKey<'a>(&'a Rows, &'a str, UnixMillis, Address);

impl Key for TenantKey<'_> {
    type Row = Mark;
    fn encode(&self) -> Bytes {
        addressed(self.0.key(TENANT).str(self.1).millis(self.2), self.3, None)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TenantHintKey<'a>(&'a Rows, &'a str);

impl Key for TenantHintKey<'_> {
    type Row = Hinted;
    fn encode(&self) -> Bytes {
        self.0.key(TENANT_HINT).str(self.1).build()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct OnceKey<'a>(&'a Rows, u64, &'a str);

impl Key for OnceKey<'_> {
    type Row = Seen;
    fn encode(&self) -> Bytes {
        self.0.key(ONCE).u64(self.1).str(self.2).build()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct AttemptKey<'a>(&'a Rows, &'a str);

impl Key for AttemptKey<'_> {
    type Row = Attempt;
    fn encode(&self) -> Bytes {
        self.0.key(ATTEMPT).str(self.1).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(number: u64) -> Rows {
        Rows::new(&AccountId::local(), &Region::default_region(), number)
    }

    fn address(major: u64, minor: u64) -> Address {
        Address { major, minor }
    }

    #[test]
    fn messages_sort_by_when_they_can_be_seen_and_then_by_address() {
        let rows = rows(7);
        let key = |at, major, minor| rows.visible(UnixMillis(at), address(major, minor)).encode();
        let sorted = [key(-5, 9, 0), key(0, 1, 5), key(0, 1, 300), key(0, 2, 0), key(255, 0, 0), key(256, 0, 0)];
        assert!(sorted.is_sorted());
        let now = rows.visible_by(UnixMillis(0));
        assert!(sorted[..4].iter().all(|key| now.contains(key)) && !now.contains(&sorted[4]));
        let later = rows.visible_later(UnixMillis(0));
        assert!(sorted[4..].iter().all(|key| later.contains(key)) && !later.contains(&sorted[3]));
        assert_eq!(of_visible(&sorted[2]).unwrap(), (UnixMillis(0), address(1, 300)));
    }

    #[test]
    fn groups_lie_apart_and_each_in_the_order_of_its_commits() {
        let rows = rows(7);
        let key = |group, major, minor| rows.group(group, address(major, minor)).encode();
        let sorted =
            [key("a", 1, 0), key("a", 1, 1), key("a", 2, 0), key("a\0", 0, 0), key("aa", 0, 0), key("b", 0, 0)];
        assert!(sorted.is_sorted());
        assert!(sorted[..3].iter().all(|key| rows.grouped("a").contains(key)));
        assert!(!sorted[3..].iter().any(|key| rows.grouped("a").contains(key)));
        assert_eq!(of_grouped(&sorted[2]).unwrap(), address(2, 0));
        let hints = [rows.hint(UnixMillis(5), "b").encode(), rows.hint(UnixMillis(6), "a").encode()];
        assert!(hints.is_sorted());
        assert_eq!(of_hint(&hints[1]).unwrap(), (UnixMillis(6), "a".to_owned()));
    }

    #[test]
    fn groups_of_a_standard_queue_lie_apart_and_each_by_when_it_can_be_seen() {
        let rows = rows(7);
        let key = |group, at, minor| rows.tenant(group, UnixMillis(at), address(1, minor)).encode();
        let sorted = [key("a", 1, 1), key("a", 2, 0), key("a", 300, 0), key("a\0", 0, 0), key("b", 0, 0)];
        assert!(sorted.is_sorted());
        assert!(sorted[..3].iter().all(|key| rows.tenants("a").contains(key)));
        assert!(!sorted[3..].iter().any(|key| rows.tenants("a").contains(key)));
        assert_eq!(of_tenant(&sorted[2]).unwrap(), (UnixMillis(300), address(1, 0)));
    }

    #[test]
    fn what_is_written_by_version_is_found_by_address() {
        let (rows, at) = (rows(7), address(258, 3));
        let spliced = |prefix: Bytes, suffix: Bytes| [&prefix[..], &258u64.to_be_bytes(), &suffix].concat();
        assert_eq!(spliced(rows.message_prefix(), suffix(3, None)), rows.message(at).encode());
        assert_eq!(spliced(rows.piece_prefix(), suffix(3, Some(2))), rows.piece(at, 2));
        assert_eq!(spliced(rows.group_prefix("g"), suffix(3, None)), rows.group("g", at).encode());
        let due = UnixMillis(9);
        assert_eq!(spliced(rows.visible_prefix(due), suffix(3, None)), rows.visible(due, at).encode());
        let forget = spliced(rows.forget_prefix(due), suffix(3, None));
        assert!(rows.forgettable_by(due).contains(&forget) && !rows.forgettable_by(UnixMillis(8)).contains(&forget));
        assert_eq!(of_forget(&forget).unwrap(), at);
        assert_eq!(of_message(&rows.message(at).encode()).unwrap(), at);
        for scope in [Scope::Queue, Scope::Group("g".into()), Scope::Service] {
            let prefix = rows.seen_prefix(&scope, "id");
            let key = versioned(&prefix, at);
            assert!(rows.seen(&scope, "id").contains(&key));
            assert!(!rows.seen(&scope, "i").contains(&key));
            assert_eq!(of_seen(&key, &prefix).unwrap(), at);
        }
    }

    /// On disks: may never change.
    #[test]
    fn golden_keys() {
        let rows = rows(258);
        let head = [&b"\x17\x02000000000000\0\x02us-east-1\0"[..], &held_bytes()].concat();
        let key = rows.visible(UnixMillis(5), address(1, 2)).encode();
        let body = key.strip_prefix(&head[..]).unwrap();
        assert_eq!(body, [&[0x15, 4, 0x15, 5][..], &[0, 0, 0, 0, 0, 0, 0, 1], &[0x15, 2]].concat());
        assert_eq!(rows.count().strip_prefix(&head[..]).unwrap(), [0x15, 11]);
        assert_eq!(rows.tenant_hint("g").encode().strip_prefix(&head[..]).unwrap(), b"\x15\x0d\x02g\0");
        let once = rows.once(300, "i").encode();
        assert_eq!(once.strip_prefix(&head[..]).unwrap(), b"\x15\x0e\x16\x01,\x02i\0");
        assert!(rows.once_before(301).contains(&once) && !rows.once_before(300).contains(&once));
        let tenant = rows.tenant("g", UnixMillis(5), address(1, 2)).encode();
        let body = [&[0x15, 12, 2, b'g', 0, 0x15, 5][..], &[0, 0, 0, 0, 0, 0, 0, 1], &[0x15, 2]].concat();
        assert_eq!(tenant.strip_prefix(&head[..]).unwrap(), body);
        assert_eq!(rows.hint(UnixMillis(0), "g").encode().strip_prefix(&head[..]).unwrap(), b"\x15\x06\x14\x02g\0");
    }

    /// `HELD` and the number 258.
    fn held_bytes() -> Vec<u8> {
        vec![0x15, 2, 0x16, 1, 2]
    }

    #[test]
    fn queues_lie_apart() {
        let (first, second) = (rows(1).message(address(u64::MAX >> 1, 0)).encode(), rows(2).messages());
        assert!(!second.contains(&first) && first < second.start);
        assert!(rows(1).messages().contains(&first));
    }
}
