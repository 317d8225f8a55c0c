//! How many instances of one shape are asked for at once, so that as many are ready when that happens again.

use std::time::Duration;

/// What is asked for within so long, and before what was taken could be replaced, is asked for at once.
const AT_ONCE: Duration = Duration::from_secs(1);
/// After so long, only half as many are expected, and so on.
const HALF: Duration = Duration::from_mins(1);

/// What was seen lately. All times are monotonic.
#[derive(Debug, Default)]
pub(super) struct Demand {
    began: Duration,
    taken: usize,
    most: usize,
    /// When it was that many.
    at: Duration,
}

impl Demand {
    /// One was asked for; `full`: as many were ready as there are to be.
    pub(super) fn saw(&mut self, now: Duration, full: bool) {
        if full || now.saturating_sub(self.began) >= AT_ONCE {
            (self.began, self.taken) = (now, 0);
        }
        self.taken += 1;
        if self.taken >= self.expected(now) {
            (self.most, self.at) = (self.taken, now);
        }
    }

    /// How many may be asked for at once.
    pub(super) fn expected(&self, now: Duration) -> usize {
        self.most.checked_shr(self.halvings(now)).unwrap_or(0)
    }

    /// How long until fewer are expected; `None`: none are.
    pub(super) fn until_fewer(&self, now: Duration) -> Option<Duration> {
        let next = self.at.saturating_add(HALF.saturating_mul(self.halvings(now).saturating_add(1)));
        (self.expected(now) > 0).then(|| next.saturating_sub(now))
    }

    fn halvings(&self, now: Duration) -> u32 {
        let past = now.saturating_sub(self.at).as_nanos() / HALF.as_nanos();
        u32::try_from(past).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(demand: &mut Demand, times: usize, now: u64) -> usize {
        (0..times).for_each(|_| demand.saw(Duration::from_millis(now), false));
        demand.expected(Duration::from_millis(now))
    }

    #[test]
    fn what_comes_at_once_is_expected_again() {
        let mut demand = Demand::default();
        assert_eq!(demand.expected(Duration::ZERO), 0);
        assert_eq!(seen(&mut demand, 30, 5_000), 30);
        assert_eq!(seen(&mut demand, 20, 5_999), 50, "within a second");
        assert_eq!(seen(&mut demand, 10, 6_500), 50, "fewer don't count");
        assert_eq!(seen(&mut demand, 60, 9_000), 60);
    }

    #[test]
    fn what_comes_one_by_one_is_not_expected_at_once() {
        let mut demand = Demand::default();
        (0..50).for_each(|number| demand.saw(Duration::from_millis(number), true));
        assert_eq!(demand.expected(Duration::from_millis(50)), 1);
    }

    #[test]
    fn it_is_forgotten_by_halves() {
        let mut demand = Demand::default();
        seen(&mut demand, 50, 1_000);
        let at = |seconds: u64| Duration::from_secs(1 + seconds);
        let expected = [0, 59, 60, 120, 180, 240, 300, 360, 100_000].map(|seconds| demand.expected(at(seconds)));
        assert_eq!(expected, [50, 50, 25, 12, 6, 3, 1, 0, 0]);
        assert_eq!(demand.until_fewer(at(50)), Some(Duration::from_secs(10)));
        assert_eq!(demand.until_fewer(at(60)), Some(Duration::from_secs(60)));
        assert_eq!(demand.until_fewer(at(360)), None);
        assert_eq!(seen(&mut demand, 9, 241_000), 9, "more than what is left of it");
        assert_eq!(demand.expected(Duration::MAX), 0);
    }
}
