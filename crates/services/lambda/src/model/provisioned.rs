//! Provisioned concurrency: how many instances are kept started ahead, of which versions, and how far that has come. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::ProvisionedConcurrencyStatusEnum as Status;
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::Provisioned;
use updraft_store::Row;

use super::alias::Alias;
use super::name::Version;

/// `PutProvisionedConcurrencyConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Provisioning {
    pub(crate) count: u32,
    pub(crate) modified: UnixMillis,
}

impl Row for Provisioning {
    const VERSION: u8 = 1;
}

/// How many of an alias's instances are of which version.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a weight is from 0 to 1, so that its part of a count is a smaller count"
)]
pub(crate) fn parts(alias: &Alias, count: u32) -> Vec<(Version, u32)> {
    let Some(share) = alias.share else { return vec![(alias.version, count)] };
    let other = ((f64::from(count) * share.weight).ceil() as u32).min(count);
    vec![(alias.version, count - other), (share.version, other)]
}

/// Adds up; what has none isn't in it.
pub(crate) fn added_up(parts: impl IntoIterator<Item = (Version, u32)>) -> BTreeMap<Version, u32> {
    let mut ahead = BTreeMap::new();
    for (version, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
        let sum: &mut u32 = ahead.entry(version).or_default();
        *sum = sum.saturating_add(count);
    }
    ahead
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) requested: u32,
    pub(crate) allocated: u32,
    pub(crate) available: u32,
    /// Why starts fail.
    pub(crate) failed: Option<String>,
}

impl Progress {
    /// Of so many instances each of some versions, with what this node's runner says of its part in them: all nodes
    /// are taken to be as far as this one.
    pub(crate) fn of(requested: u32, parts: &[(u32, Provisioned)]) -> Self {
        let whole = |count: u32, (part, here): &(u32, Provisioned)| scaled(count, *part, here.requested);
        let sum = |count: fn(&Provisioned) -> u32| -> u32 { parts.iter().map(|one| whole(count(&one.1), one)).sum() };
        Self {
            requested,
            allocated: sum(|here| here.allocated),
            available: sum(|here| here.available),
            failed: parts.iter().find_map(|(_, here)| here.failed.clone()),
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self {
            Self { failed: Some(_), .. } => Status::Failed,
            Self { requested, allocated, .. } if allocated >= requested => Status::Ready,
            Self { .. } => Status::InProgress,
        }
    }
}

/// `count` of `of` here is so many of `all`.
fn scaled(count: u32, all: u32, of: u32) -> u32 {
    match of {
        0 => 0,
        _ if count >= of => all,
        of => u32::try_from(u64::from(count) * u64::from(all) / u64::from(of)).unwrap_or(all),
    }
}

#[cfg(test)]
mod tests {
    use super::super::alias::Share;
    use super::*;

    fn alias(weight: Option<f64>) -> Alias {
        let share = weight.map(|weight| Share { version: Version(2), weight });
        Alias { version: Version(1), description: String::new(), share, revision: String::new() }
    }

    #[test]
    fn an_aliass_instances_are_shared_out_by_weight() {
        let of = |weight, count| parts(&alias(weight), count);
        assert_eq!(of(None, 5), [(Version(1), 5)]);
        assert_eq!(of(Some(0.25), 10), [(Version(1), 7), (Version(2), 3)]);
        assert_eq!(of(Some(0.0), 5), [(Version(1), 5), (Version(2), 0)]);
        assert_eq!(of(Some(1.0), 5), [(Version(1), 0), (Version(2), 5)]);
        let ahead = added_up([(Version(1), 2), (Version(2), 0), (Version(1), 3)]);
        assert_eq!(ahead, BTreeMap::from([(Version(1), 5)]));
    }

    fn here(requested: u32, allocated: u32, available: u32) -> Provisioned {
        Provisioned { requested, allocated, available, failed: None }
    }

    #[test]
    fn it_is_ready_when_all_are_started() {
        let of = |here: Provisioned| Progress::of(5, &[(5, here)]);
        assert_eq!(of(here(0, 0, 0)).status(), Status::InProgress, "nobody has begun");
        assert_eq!(of(here(5, 4, 4)).status(), Status::InProgress);
        let ready = of(here(5, 5, 2));
        assert_eq!((ready.status(), ready.allocated, ready.available), (Status::Ready, 5, 2));
        let failed = of(Provisioned { failed: Some("no".into()), ..here(5, 0, 0) });
        assert_eq!(failed.status(), Status::Failed);
    }

    #[test]
    fn other_nodes_are_taken_to_be_as_far() {
        let progress = Progress::of(9, &[(9, here(3, 2, 1))]);
        assert_eq!((progress.allocated, progress.available), (6, 3));
        let two = Progress::of(10, &[(7, here(7, 7, 7)), (3, here(3, 1, 0))]);
        assert_eq!((two.allocated, two.available, two.status()), (8, 7, Status::InProgress));
    }
}
