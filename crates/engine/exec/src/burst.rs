//! How fast a function may get new instances.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_kernel::ports::FunctionSpec;
use updraft_kernel::{AccountId, Region};

const WITHIN: Duration = Duration::from_secs(10);

/// All versions of a function share one bucket. AWS: it is refilled all the time, and never holds more than a full one.
#[derive(Debug)]
pub(crate) struct Bursts {
    /// How long it takes until one more may be started.
    each: Duration,
    /// Monotonic: when each bucket that isn't full will be.
    full: Mutex<HashMap<(AccountId, Region, String), Duration>>,
}

impl Bursts {
    /// So many within ten seconds.
    pub(crate) fn new(most: u32) -> Self {
        Self { each: WITHIN.checked_div(most).unwrap_or(Duration::MAX), full: Mutex::default() }
    }

    /// Whether the function may start one more now, which is then counted.
    pub(crate) fn take(&self, spec: &FunctionSpec, now: Duration) -> bool {
        let mut all = self.full.lock();
        let full = all.entry((spec.account.clone(), spec.region.clone(), spec.name.clone())).or_default();
        let then = now.max(*full).saturating_add(self.each);
        let may = then.saturating_sub(now) <= WITHIN;
        if may {
            *full = then;
        }
        may
    }

    /// Lets go of what is full.
    pub(crate) fn keep(&self, now: Duration) {
        self.full.lock().retain(|_, full| *full > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::spec;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn taken(bursts: &Bursts, spec: &FunctionSpec, now: Duration) -> usize {
        (0..5000).take_while(|_| bursts.take(spec, now)).count()
    }

    #[test]
    fn a_burst_ends_and_goes_on_as_time_does() {
        let (bursts, one) = (Bursts::new(1000), spec("python3.13"));
        assert_eq!(taken(&bursts, &one, at(5)), 1000);
        assert_eq!(taken(&bursts, &one, at(14)), 0);
        assert_eq!(taken(&bursts, &one, at(15)), 1, "one in ten milliseconds");
        assert_eq!(taken(&bursts, &one, at(5015)), 500);
        assert_eq!(taken(&bursts, &one, at(1_000_000)), 1000, "what isn't used isn't saved");
    }

    #[test]
    fn a_functions_versions_share_and_functions_do_not() {
        let (bursts, one) = (Bursts::new(10), spec("python3.13"));
        let version = FunctionSpec { version: "1".to_owned(), ..spec("python3.13") };
        let other = FunctionSpec { name: "g".to_owned(), ..spec("python3.13") };
        assert_eq!(taken(&bursts, &one, at(0)), 10);
        assert_eq!(taken(&bursts, &version, at(0)), 0);
        assert_eq!(taken(&bursts, &other, at(0)), 10);
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let (bursts, one) = (Bursts::new(10), spec("python3.13"));
        assert!(bursts.take(&one, at(0)) && bursts.take(&one, at(0)));
        bursts.keep(at(1999));
        assert_eq!(taken(&bursts, &one, at(1999)), 9);
        bursts.keep(at(60_000));
        assert!(bursts.full.lock().is_empty());
    }

    #[test]
    fn none_at_all_is_a_limit_too() {
        assert!(!Bursts::new(0).take(&spec("python3.13"), at(0)));
    }
}
