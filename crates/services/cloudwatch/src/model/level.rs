//! [`Level`]: how finely values are kept, and for how long.
//!
//! AWS keeps a value at its own resolution at first and at coarser ones later: seconds for three hours, minutes for 15
//! days, five minutes for 63 days, hours for 455 days. Each value lies at one level at a time, so that a sum over all
//! levels counts it once, whenever it was moved.

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Level {
    Second,
    Minute,
    FiveMinutes,
    Hour,
}

/// A moment, in seconds since the epoch.
pub(crate) fn seconds(at: UnixMillis) -> i64 {
    at.secs()
}

/// The last multiple of `step` that isn't after `at`.
pub(crate) fn floor(at: i64, step: i64) -> i64 {
    at - at.rem_euclid(step.max(1))
}

impl Level {
    pub(crate) const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::FiveMinutes, Self::Hour];

    /// Seconds between two rows.
    pub(crate) const fn step(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => MINUTE,
            Self::FiveMinutes => 5 * MINUTE,
            Self::Hour => HOUR,
        }
    }

    /// Seconds for which values stay here.
    pub(crate) const fn kept(self) -> i64 {
        match self {
            Self::Second => 3 * HOUR,
            Self::Minute => 15 * DAY,
            Self::FiveMinutes => 63 * DAY,
            Self::Hour => 455 * DAY,
        }
    }

    /// Seconds of values that lie together and move on together.
    pub(crate) const fn part(self) -> i64 {
        match self {
            Self::Second => HOUR,
            Self::Minute => DAY,
            Self::FiveMinutes => 5 * DAY,
            Self::Hour => 30 * DAY,
        }
    }

    /// Where values go from here; `None`: away.
    pub(crate) const fn next(self) -> Option<Self> {
        match self {
            Self::Second => Some(Self::Minute),
            Self::Minute => Some(Self::FiveMinutes),
            Self::FiveMinutes => Some(Self::Hour),
            Self::Hour => None,
        }
    }

    /// What AWS still tells values of this age by, in seconds.
    pub(crate) fn at_age(age: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| age < level.kept())
    }

    /// The row's moment that a value belongs to.
    pub(crate) fn slot(self, at: i64) -> i64 {
        floor(at, self.step())
    }

    /// When everything that lies together with `at` moves on.
    pub(crate) fn moves_on(self, part: i64) -> UnixMillis {
        UnixMillis((part + self.part() + self.kept()).saturating_mul(1000))
    }

    /// The beginning of what lies together with `at`.
    pub(crate) fn part_of(self, at: i64) -> i64 {
        floor(at, self.part())
    }

    /// Code in keys.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Second => 0,
            Self::Minute => 1,
            Self::FiveMinutes => 2,
            Self::Hour => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_is_made_of_whole_steps_of_the_one_before() {
        for level in Level::ALL {
            assert_eq!(level.part() % level.step(), 0);
            if let Some(next) = level.next() {
                assert_eq!(next.step() % level.step(), 0);
                assert!(next.kept() > level.kept());
            }
        }
    }

    #[test]
    fn ages_have_the_resolutions_of_aws() {
        for (age, level) in [
            (0, Some(Level::Second)),
            (3 * HOUR - 1, Some(Level::Second)),
            (3 * HOUR, Some(Level::Minute)),
            (15 * DAY - 1, Some(Level::Minute)),
            (15 * DAY, Some(Level::FiveMinutes)),
            (63 * DAY, Some(Level::Hour)),
            (455 * DAY - 1, Some(Level::Hour)),
            (455 * DAY, None),
        ] {
            assert_eq!(Level::at_age(age), level, "{age}");
        }
    }
}
