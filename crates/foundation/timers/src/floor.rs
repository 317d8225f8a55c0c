//! [`Floor`]: where a bucket's scan may begin, so that it doesn't walk the dead rows of timers long fired.
//!
//! In a log-structured engine a scan from a bucket's first key passes every row that was ever deleted there. A row can
//! only come in at the virtual time of its `schedule` call or later (that call sees to it), and its transaction commits
//! within [`Limits::txn_age`](updraft_store::Limits) of it or not at all. So below the virtual time that was read
//! before that age, nothing can appear any more, on no node: once that range is seen empty, it stays empty.

use std::time::Duration;

use updraft_kernel::{Clock, UnixMillis};

/// A lower bound of the live keys of one bucket.
#[derive(Debug)]
pub(crate) struct Floor {
    floor: UnixMillis,
    /// The next floor, and the real time from which on it holds.
    next: Option<(UnixMillis, Duration)>,
    /// The largest virtual time seen; a smaller one means that the clock was set back.
    seen: UnixMillis,
    /// Real time before the current scan.
    began: Duration,
}

impl Floor {
    pub(crate) fn new() -> Self {
        Self { floor: UnixMillis(i64::MIN), next: None, seen: UnixMillis(i64::MIN), began: Duration::ZERO }
    }

    /// Where to begin a scan now.
    pub(crate) fn start(&mut self, clock: &dyn Clock) -> UnixMillis {
        self.began = clock.monotonic();
        let now = clock.now();
        if now < self.seen {
            // Set back: from now on rows come in below the floor.
            *self = Self { began: self.began, ..Self::new() };
        }
        self.seen = now;
        self.floor
    }

    /// A scan from [`Self::start`] found nothing below `first_live`, nor anything due.
    pub(crate) fn emptied(&mut self, first_live: UnixMillis, txn_age: Duration) {
        if let Some((floor, from)) = self.next
            && from <= self.began
        {
            self.floor = self.floor.max(floor.min(first_live));
            self.next = None;
        }
        self.next.get_or_insert_with(|| (self.seen, self.began.saturating_add(txn_age)));
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::UnixMillis as At;
    use updraft_testkit::ManualClock;

    use super::*;

    const AGE: Duration = Duration::from_secs(30);

    #[test]
    fn it_rises_when_no_older_transaction_can_commit_and_falls_when_time_is_set_back() {
        let clock = ManualClock::at(At(1_000));
        let mut floor = Floor::new();
        assert_eq!(floor.start(&clock), At(i64::MIN));
        floor.emptied(At::MAX, AGE);
        clock.advance(AGE - Duration::from_millis(1));
        floor.start(&clock);
        floor.emptied(At::MAX, AGE);
        assert_eq!(floor.start(&clock), At(i64::MIN), "a transaction may still commit at 1000");
        clock.advance(Duration::from_millis(1));
        floor.start(&clock);
        floor.emptied(At::MAX, AGE);
        assert_eq!(floor.start(&clock), At(1_000));
        clock.set(At(500));
        assert_eq!(floor.start(&clock), At(i64::MIN));
    }

    #[test]
    fn it_never_rises_above_what_is_there() {
        let clock = ManualClock::at(At(1_000));
        let mut floor = Floor::new();
        floor.start(&clock);
        floor.emptied(At(700), AGE);
        clock.advance(AGE);
        floor.start(&clock);
        floor.emptied(At(700), AGE);
        assert_eq!(floor.start(&clock), At(700));
    }
}
