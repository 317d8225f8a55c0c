//! Activities, and their tasks that nobody has taken yet.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_asl::run::Turn;
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, Row, Topic};

use super::{ACTIVITY, ASKED, WANTED, of_execution, scope};
use crate::model::activity::Activity;
use crate::model::name::{ActivityId, ExecutionId};

#[derive(Clone, Copy, Debug)]
pub(crate) struct ActivityKey<'a>(pub(crate) &'a ActivityId);

impl Key for ActivityKey<'_> {
    type Row = Activity;
    fn encode(&self) -> Bytes {
        scope(&self.0.account, &self.0.region, ACTIVITY).str(&self.0.name).build()
    }
}

impl ActivityKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, ACTIVITY).prefix_range()
    }
}

/// A task that waits for a worker; the one that has waited longest comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedKey<'a> {
    pub(crate) activity: &'a ActivityId,
    pub(crate) since: UnixMillis,
    pub(crate) token: &'a str,
}

/// What the worker gets, and whose task it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) execution: ExecutionId,
    pub(crate) turn: Turn,
    pub(crate) token: String,
    /// JSON.
    pub(crate) input: String,
}

impl Row for Asked {
    const VERSION: u8 = 1;
}

fn of_activity(id: &ActivityId) -> KeyBuilder {
    scope(&id.account, &id.region, ASKED).str(&id.name)
}

impl Key for AskedKey<'_> {
    type Row = Asked;
    fn encode(&self) -> Bytes {
        let since = u64::try_from(self.since.0).unwrap_or(0);
        of_activity(self.activity).u64(since).str(self.token).build()
    }
}

impl AskedKey<'_> {
    pub(crate) fn of_activity(id: &ActivityId) -> KeyRange {
        of_activity(id).prefix_range()
    }
}

/// Touched where a task comes to wait for a worker.
pub(crate) fn asked(id: &ActivityId) -> Topic {
    Topic::of(&[b"states", &of_activity(id).build()])
}

/// Where an execution's task waits, by the place where the execution stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WantedKey<'a>(pub(crate) &'a ExecutionId, pub(crate) Turn);

/// The parts of an [`AskedKey`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) activity: ActivityId,
    pub(crate) since: UnixMillis,
    pub(crate) token: String,
}

impl Row for Wanted {
    const VERSION: u8 = 1;
}

impl Key for WantedKey<'_> {
    type Row = Wanted;
    fn encode(&self) -> Bytes {
        of_execution(self.0, WANTED).u64(u64::from(self.1.frame)).u64(u64::from(self.1.number)).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(name: &str) -> ActivityId {
        ActivityId { account: AccountId::local(), region: Region::default_region(), name: name.into() }
    }

    #[test]
    fn who_has_waited_longest_comes_first_and_activities_are_apart() {
        let (a, b) = (activity("a"), activity("ab"));
        let key = |activity, since, token| AskedKey { activity, since: UnixMillis(since), token }.encode();
        let sorted = [key(&a, 1, "z"), key(&a, 2, "a"), key(&a, 300, "a"), key(&b, 1, "a")];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(sorted.iter().filter(|key| AskedKey::of_activity(&a).contains(key)).count(), 3);
        assert!(!ActivityKey::all(&a.account, &a.region).contains(&sorted[0]));
        assert_ne!(asked(&a), asked(&b));
    }
}
