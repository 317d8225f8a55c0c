//! Pauses for whoever lost against another transaction.
//!
//! The database aborts the one that could not come in between and goes on at once; if he runs again at once, he meets
//! the next ones in the same place. Where transactions conflict again and again, those who lose wait a little, by
//! chance, and longer the hotter it is, so that there are fewer at a time and each comes through.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use updraft_kernel::{Clock, OsRng, RngExt, SystemClock};

/// Doublings of the first pause of up to a millisecond.
const HOTTEST: u32 = 6;

/// How much conflict there was lately in this process.
#[derive(Debug, Default)]
pub(crate) struct Heat(AtomicU32);

impl Heat {
    /// A transaction came through.
    pub(crate) fn won(&self) {
        self.set(|heat| heat.saturating_sub(1));
    }

    /// One didn't; it may run again when this completes.
    pub(crate) async fn lost(&self, clock: &SystemClock) {
        let before = self.set(|heat| (heat + 1).min(HOTTEST));
        let most = 1_000 << before.min(HOTTEST);
        clock.pause(Duration::from_micros(OsRng.below(most))).await;
    }

    fn set(&self, to: impl Fn(u32) -> u32) -> u32 {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |heat| Some(to(heat))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_gets_hotter_with_each_loss_and_cools_down() {
        let (heat, clock) = (Heat::default(), SystemClock::new());
        for _ in 0..10 {
            heat.lost(&clock).await;
        }
        assert_eq!(heat.0.load(Ordering::Relaxed), HOTTEST);
        (0..10).for_each(|_| heat.won());
        assert_eq!(heat.0.load(Ordering::Relaxed), 0);
    }
}
