//! How many calls at the same time a mapping makes. Pure; times are real ones, since some fixed moment.

use std::time::Duration;

/// AWS: calls at the same time that a mapping begins with.
const START: u32 = 5;
/// AWS: and no more than that, without a limit of its own.
const MOST: u32 = 1_250;
/// AWS: up to 300 more in a minute.
const GROWTH: Duration = Duration::from_millis(200);
/// So much slower while no call comes to an end: on a machine that is busy starting those that there are, more of them would
/// only make all of them slower.
const HALTING: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    most: u32,
    now: u32,
    /// Since when there has been more to do than may be done.
    denied: Option<Duration>,
    /// For how long that was before.
    waited: Duration,
    /// Calls that have ended well, each of which lets it grow by one at full speed.
    ended: u32,
}

impl Scaling {
    /// `most`: `MaximumConcurrency`.
    #[must_use]
    pub fn new(most: Option<u32>) -> Self {
        let most = most.unwrap_or(MOST).clamp(1, MOST);
        Self { most, now: START.min(most), denied: None, waited: Duration::ZERO, ended: 0 }
    }

    /// Whether one more call may be made beside those that are under way.
    pub fn has_room(&mut self, running: u32, at: Duration) -> bool {
        self.grow(at);
        let room = running < self.now;
        self.denied = (!room && self.now < self.most).then_some(at);
        room
    }

    /// After how long of being denied there is more room; `None`: there never is.
    #[must_use]
    pub fn grows_in(&self) -> Option<Duration> {
        self.denied.map(|_| self.pace().saturating_sub(self.waited))
    }

    /// There is nothing left to do.
    pub fn rest(&mut self) {
        *self = Self::new(Some(self.most));
    }

    /// A call has ended well.
    pub fn ended(&mut self) {
        self.ended = self.ended.saturating_add(1);
    }

    fn pace(&self) -> Duration {
        if self.ended > 0 { GROWTH } else { HALTING }
    }

    /// The function has no room for as many.
    pub fn throttled(&mut self) {
        self.shrink(self.now / 2, 1);
    }

    /// A call failed.
    pub fn failed(&mut self) {
        self.shrink(self.now - self.now / 4, START.min(self.most));
    }

    fn shrink(&mut self, to: u32, least: u32) {
        self.now = to.max(least.min(self.now));
        (self.denied, self.waited) = (None, Duration::ZERO);
    }

    fn grow(&mut self, at: Duration) {
        let Some(since) = self.denied.take() else { return };
        self.waited += at.saturating_sub(since);
        while self.waited >= self.pace() && self.now < self.most {
            self.waited -= self.pace();
            self.ended = self.ended.saturating_sub(1);
            self.now += 1;
        }
        if self.now == self.most {
            self.waited = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(of: u64) -> Duration {
        Duration::from_millis(of)
    }

    #[test]
    fn it_begins_with_five() {
        let mut scaling = Scaling::new(None);
        assert!(scaling.has_room(4, millis(0)) && !scaling.has_room(5, millis(0)));
        assert_eq!(scaling.grows_in(), Some(HALTING));
        scaling.ended();
        assert_eq!(scaling.grows_in(), Some(GROWTH));
    }

    #[test]
    fn while_no_call_ends_it_grows_slowly() {
        let mut scaling = Scaling::new(None);
        assert!(!scaling.has_room(5, millis(0)) && !scaling.has_room(5, millis(1_999)));
        assert!(scaling.has_room(5, millis(2_000)) && !scaling.has_room(6, millis(2_000)));
        scaling.ended();
        assert!(!scaling.has_room(6, millis(2_199)));
        assert!(scaling.has_room(6, millis(2_200)) && !scaling.has_room(7, millis(2_200)));
        assert_eq!(scaling.grows_in(), Some(HALTING));
    }

    /// With any number of calls that have ended well.
    fn lively(most: Option<u32>) -> Scaling {
        Scaling { ended: 100_000, ..Scaling::new(most) }
    }

    #[test]
    fn a_backlog_lets_it_grow_by_three_hundred_a_minute() {
        let mut scaling = lively(None);
        assert!(!scaling.has_room(5, millis(0)));
        assert!(!scaling.has_room(5, millis(199)), "one millisecond early");
        assert_eq!(scaling.grows_in(), Some(millis(1)));
        assert!(scaling.has_room(5, millis(200)) && !scaling.has_room(6, millis(200)));
        assert!(scaling.has_room(304, millis(60_000)) && !scaling.has_room(305, millis(60_000)));
        assert!(scaling.has_room(1_249, millis(600_000)) && !scaling.has_room(1_250, millis(600_000)));
        assert_eq!(scaling.grows_in(), None);
        scaling.rest();
        assert_eq!(scaling, Scaling::new(None));
    }

    #[test]
    fn time_without_a_backlog_counts_for_nothing() {
        let mut scaling = lively(None);
        assert!(scaling.has_room(4, millis(0)) && scaling.has_room(4, millis(60_000)));
        assert!(!scaling.has_room(5, millis(60_000)) && !scaling.has_room(5, millis(60_100)));
        assert!(scaling.has_room(4, millis(60_150)), "others have ended");
        assert!(!scaling.has_room(5, millis(70_000)) && scaling.has_room(5, millis(70_050)));
    }

    #[test]
    fn a_limit_of_its_own_is_never_passed() {
        let mut scaling = lively(Some(2));
        assert!(scaling.has_room(1, millis(0)) && !scaling.has_room(2, millis(0)));
        assert!(!scaling.has_room(2, millis(600_000)));
        let mut many = lively(Some(1_000));
        assert!(!many.has_room(5, millis(0)));
        assert!(many.has_room(999, millis(6_000_000)) && !many.has_room(1_000, millis(6_000_000)));
    }

    #[test]
    fn trouble_makes_it_smaller_and_time_larger_again() {
        let mut scaling = lively(None);
        scaling.has_room(5, millis(0));
        scaling.has_room(5, millis(3_000));
        assert!(scaling.has_room(19, millis(3_000)) && !scaling.has_room(20, millis(3_000)));
        scaling.failed();
        assert!(scaling.has_room(14, millis(3_000)) && !scaling.has_room(15, millis(3_000)));
        for _ in 0..10 {
            scaling.failed();
        }
        assert!(scaling.has_room(4, millis(3_000)), "failures alone leave it what it began with");
        for _ in 0..10 {
            scaling.throttled();
        }
        assert!(scaling.has_room(0, millis(3_000)) && !scaling.has_room(1, millis(3_000)));
        scaling.failed();
        assert!(scaling.has_room(0, millis(3_000)) && !scaling.has_room(1, millis(3_000)));
        assert!(scaling.has_room(1, millis(3_200)));
    }
}
