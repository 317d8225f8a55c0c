//! Every key type of this service, with a test of its order. The tag byte is in `updraft_store::tags`.

use bytes::Bytes;
use updraft_kernel::{AccountId, Region};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, tags};

use crate::model::group::Group;
use crate::model::name::{GroupId, ScheduleId};
use crate::model::schedule::Schedule;

/// Kinds of rows behind account and region; never reused.
const GROUP: u8 = 1;
const SCHEDULE: u8 = 2;

fn scope(account: &AccountId, region: &Region, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::SCHEDULER).scope(account, region).u8(kind)
}

/// A group by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupKey<'a>(pub(crate) &'a GroupId);

impl Key for GroupKey<'_> {
    type Row = Group;
    fn encode(&self) -> Bytes {
        scope(&self.0.account, &self.0.region, GROUP).str(&self.0.name).build()
    }
}

impl GroupKey<'_> {
    /// All of an account's in a region, by name.
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, GROUP).prefix_range()
    }
}

/// A schedule by its group and its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScheduleKey<'a>(pub(crate) &'a ScheduleId);

impl Key for ScheduleKey<'_> {
    type Row = Schedule;
    fn encode(&self) -> Bytes {
        let GroupId { account, region, name } = &self.0.group;
        scope(account, region, SCHEDULE).str(name).str(&self.0.name).build()
    }
}

impl ScheduleKey<'_> {
    /// All of an account's in a region, by group and name.
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, SCHEDULE).prefix_range()
    }

    pub(crate) fn of_group(group: &GroupId) -> KeyRange {
        scope(&group.account, &group.region, SCHEDULE).str(&group.name).prefix_range()
    }
}

/// The names in a key: a group's, or a group's and a schedule's.
///
/// # Errors
/// If it isn't such a key.
pub(crate) fn names(key: &[u8]) -> Result<(String, Option<String>)> {
    let mut reader = KeyReader::new(key, tags::SCHEDULER)?;
    let _scope = (reader.str()?, reader.str()?);
    match reader.u8()? {
        SCHEDULE => Ok((reader.str()?, Some(reader.str()?))),
        _ => Ok((reader.str()?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> GroupId {
        GroupId { account: AccountId::local(), region: Region::default_region(), name: name.into() }
    }

    fn schedule(of: &str, name: &str) -> Bytes {
        ScheduleKey(&ScheduleId { group: group(of), name: name.into() }).encode()
    }

    #[test]
    fn order_is_by_group_and_name_and_ranges_hold_what_they_say() {
        let sorted = [
            GroupKey(&group("a")).encode(),
            GroupKey(&group("b")).encode(),
            schedule("a", "x"),
            schedule("a", "y"),
            schedule("aa", "a"),
            schedule("b", "a"),
        ];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        let (account, region) = (AccountId::local(), Region::default_region());
        assert_eq!(sorted.iter().filter(|key| GroupKey::all(&account, &region).contains(key)).count(), 2);
        assert_eq!(sorted.iter().filter(|key| ScheduleKey::all(&account, &region).contains(key)).count(), 4);
        assert_eq!(sorted.iter().filter(|key| ScheduleKey::of_group(&group("a")).contains(key)).count(), 2);
        assert_eq!(names(&sorted[4]).unwrap(), ("aa".to_owned(), Some("a".to_owned())));
        assert_eq!(names(&sorted[0]).unwrap(), ("a".to_owned(), None));
    }

    /// These bytes are on disks and may never change.
    #[test]
    fn golden_keys() {
        let shown = |key: &Bytes| key.escape_ascii().to_string();
        let scope = r"\x1b\x02000000000000\x00\x02us-east-1\x00";
        assert_eq!(shown(&GroupKey(&group("g")).encode()), format!(r"{scope}\x15\x01\x02g\x00"));
        assert_eq!(shown(&schedule("g", "s")), format!(r"{scope}\x15\x02\x02g\x00\x02s\x00"));
    }
}
