//! [`Zone`]: what the wall clocks of a place show.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use updraft_kernel::UnixMillis;

/// The one that is compiled in, so that the same expression means the same on every machine.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone of IANA's. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// By its name, such as `Europe/Zurich`, exactly as IANA writes it. `None`: there is no such zone.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let zone = DATABASE.get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Self(zone))
    }

    /// What the clocks show then. `None`: it is out of the calendar.
    pub(crate) fn shown(&self, at: UnixMillis) -> Option<DateTime> {
        Timestamp::from_millisecond(at.0).ok().map(|at| self.0.to_datetime(at))
    }

    /// When the clocks show this for the first time. `None`: they skip it.
    pub(crate) fn first_shown(&self, shown: DateTime) -> Option<UnixMillis> {
        let ambiguous = self.0.to_ambiguous_timestamp(shown);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => None,
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                ambiguous.earlier().ok().map(|at| UnixMillis(at.as_millisecond()))
            }
        }
    }

    /// As [`Self::first_shown`]; what the clocks skip, by the offset before the change.
    pub(crate) fn moment(&self, shown: DateTime) -> Option<UnixMillis> {
        let at = self.0.to_ambiguous_timestamp(shown).compatible().ok()?;
        Some(UnixMillis(at.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_exact_names() {
        for name in ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Etc/GMT+5"] {
            assert!(Zone::parse(name).is_some(), "{name}");
        }
        for name in ["", "utc", "europe/zurich", "Mars/Olympus", "+01:00", "../../etc/passwd"] {
            assert!(Zone::parse(name).is_none(), "{name}");
        }
    }
}
