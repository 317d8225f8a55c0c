//! How long background work leaves a store alone that refuses it, and what is said about it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use updraft_store::{StoreError, Topic};

/// Growing pauses, each shortened by chance by up to a half, so that those who wait for the same thing don't all come
/// back at once.
#[derive(Clone, Debug)]
pub struct Patience {
    least: Duration,
    most: Duration,
    seed: u64,
    tries: u32,
}

impl Patience {
    /// After conflicts: the others need moments.
    #[must_use]
    pub const fn with_conflicts(seed: u64) -> Self {
        Self { least: Duration::from_millis(10), most: Duration::from_secs(1), seed, tries: 0 }
    }

    /// While the store can't be used: fail-overs need seconds.
    #[must_use]
    pub const fn with_outages(seed: u64) -> Self {
        Self { least: Duration::from_millis(200), most: Duration::from_secs(5), seed, tries: 0 }
    }

    /// How long to wait before the next try, in real time.
    pub fn pause(&mut self) -> Duration {
        let full = self.least.saturating_mul(1 << self.tries.min(16)).min(self.most);
        self.tries = self.tries.saturating_add(1);
        let dice = Topic::of(&[&self.seed.to_le_bytes(), &self.tries.to_le_bytes()]).0 % 1_000;
        full - full / 2_000 * u32::try_from(dice).unwrap_or(0)
    }

    /// It worked: the next trouble is a new one.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

/// Says once that the store can't be used, and once that it can again, however many ask it meanwhile.
#[derive(Debug, Default)]
pub struct Outage {
    lasts: AtomicBool,
}

impl Outage {
    /// `who` could not work because of `err`. Conflicts and other nodes' taking over are none.
    pub fn failed(&self, who: &'static str, err: &StoreError) {
        if matches!(err, StoreError::Conflict | StoreError::Fenced(_)) {
            tracing::debug!(who, source = %err, "to be tried again");
        } else if !self.lasts.swap(true, Ordering::SeqCst) {
            tracing::error!(who, source = ?err, "the store can't be used now; background work is tried again until it can");
        }
    }

    pub fn over(&self) {
        if self.lasts.load(Ordering::Relaxed) && self.lasts.swap(false, Ordering::SeqCst) {
            tracing::info!("the store can be used again; background work goes on");
        }
    }

    #[must_use]
    pub fn lasts(&self) -> bool {
        self.lasts.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_most_and_differ_between_those_who_wait() {
        let (mut one, mut other) = (Patience::with_outages(1), Patience::with_outages(2));
        let pauses: Vec<_> = (0..12).map(|_| one.pause()).collect();
        let doubled = |nth: u32| Duration::from_millis(200).saturating_mul(1 << nth).min(Duration::from_secs(5));
        for (nth, pause) in (0..).zip(&pauses) {
            assert!(*pause <= doubled(nth) && *pause >= doubled(nth) / 2, "{nth}: {pause:?}");
        }
        assert_ne!(pauses, (0..12).map(|_| other.pause()).collect::<Vec<_>>());
        one.reset();
        assert!(one.pause() <= Duration::from_millis(200));
    }

    #[test]
    fn an_outage_begins_with_what_is_no_conflict_and_ends_when_something_works() {
        let outage = Outage::default();
        outage.failed("test", &StoreError::Conflict);
        outage.failed("test", &StoreError::Fenced("a".into()));
        assert!(!outage.lasts());
        outage.failed("test", &StoreError::unavailable("gone"));
        assert!(outage.lasts());
        outage.over();
        assert!(!outage.lasts());
    }
}
