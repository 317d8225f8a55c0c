//! How far this machine's clock is off the store's.

use std::time::Duration;

use updraft_kernel::{Clock, UnixMillis};
use updraft_store::{Result, Store};

/// One look at both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    /// The store's time.
    pub(crate) now: UnixMillis,
    /// This node's monotonic time just before the store was asked, so never later than `now`.
    pub(crate) began: Duration,
    pub(crate) skew: Skew,
}

/// How far this machine's clock is ahead of the store's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skew {
    pub(crate) millis: i64,
    /// How wrong `millis` may be: the store answered at some moment within the round trip.
    pub(crate) within: Duration,
}

impl Skew {
    /// More than `allowed` for sure.
    pub(crate) fn is_over(self, allowed: Duration) -> bool {
        Duration::from_millis(self.millis.unsigned_abs()) > allowed.saturating_add(self.within)
    }
}

pub(crate) async fn look(store: &dyn Store, clock: &dyn Clock) -> Result<Tick> {
    let (began, real) = (clock.monotonic(), clock.real_now());
    let now = store.now().await?;
    let within = clock.monotonic().saturating_sub(began) / 2;
    let millis = real.plus(within).0.saturating_sub(now.0);
    Ok(Tick { now, began, skew: Skew { millis, within } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_isnt_taken_for_a_wrong_clock() {
        let skew = |millis, within| Skew { millis, within: Duration::from_millis(within) };
        let allowed = Duration::from_millis(500);
        assert!(!skew(500, 0).is_over(allowed));
        assert!(skew(501, 0).is_over(allowed) && skew(-501, 0).is_over(allowed));
        assert!(!skew(900, 400).is_over(allowed), "it may be 500");
        assert!(skew(901, 400).is_over(allowed));
    }
}
