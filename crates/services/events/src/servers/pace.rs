//! So many calls a second, and places in seconds to come for those that are too early.
//!
//! Each process counts for itself.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_kernel::UnixMillis;

/// Seconds ahead that places are given in: rates may be changed, and processes end.
const AHEAD: i64 = 60;

/// By the destination's ARN.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<String, Count>>);

#[derive(Debug, Default)]
struct Count {
    /// In which second how many were made.
    made: (i64, u32),
    /// The last second in which there are places taken, and how many.
    taken: (i64, u32),
}

impl Pace {
    /// For how long it is too early for another; `None`: it may be made now.
    pub(super) fn early(&self, arn: &str, rate: u32, now: UnixMillis) -> Option<Duration> {
        let mut counts = self.0.lock();
        counts.entry(arn.to_owned()).or_default().early(rate, now)
    }
}

impl Count {
    fn early(&mut self, rate: u32, now: UnixMillis) -> Option<Duration> {
        let this = now.secs();
        if self.made.0 != this {
            self.made = (this, 0);
        }
        if self.made.1 < rate {
            self.made.1 += 1;
            return None;
        }
        if self.taken.0 <= this || self.taken.0 > this + AHEAD {
            self.taken = (this + 1, 0);
        } else if self.taken.1 >= rate {
            self.taken = (self.taken.0 + 1, 0);
        }
        self.taken.1 += 1;
        Some(UnixMillis(self.taken.0 * 1000).since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_too_early_gets_a_place_behind_the_others() {
        let pace = Pace::default();
        let at = |arn: &str, now| pace.early(arn, 2, UnixMillis(now)).map(|after| after.as_millis());
        let first: Vec<_> = (0..7).map(|_| at("a", 10_250)).collect();
        assert_eq!(first, [None, None, Some(750), Some(750), Some(1750), Some(1750), Some(2750)]);
        assert_eq!(at("b", 10_250), None, "each has its own");
        assert_eq!([at("a", 11_000), at("a", 11_000), at("a", 11_999)], [None, None, Some(1001)]);
    }

    #[test]
    fn places_are_not_given_far_ahead() {
        let pace = Pace::default();
        let longest = (0..200).filter_map(|_| pace.early("a", 1, UnixMillis(0))).max().unwrap();
        assert_eq!(longest, Duration::from_secs(61));
    }
}
