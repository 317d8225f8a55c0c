//! [`ManualClock`]: time that moves only when a test says so.

use std::time::Duration;

use tokio::sync::watch;
use updraft_kernel::{BoxFuture, Clock, UnixMillis};

/// Time moved by hand. All of its times are virtual, real ones included: [`Clock::pause`] ends when the test has
/// advanced by its span, so that a test of a 30 s timeout is instant and exact on both sides of the boundary, and a
/// loop that pauses can't spin. Nothing that waits on this clock ever goes on by itself.
#[derive(Debug)]
pub struct ManualClock {
    start: UnixMillis,
    now: watch::Sender<UnixMillis>,
    /// Only grows, also when `now` is set back.
    elapsed: watch::Sender<Duration>,
}

impl ManualClock {
    /// 2030-01-01T00:00:00Z, where [`Self::default`] begins.
    pub const START: UnixMillis = UnixMillis(1_893_456_000_000);

    #[must_use]
    pub fn at(start: UnixMillis) -> Self {
        Self { start, now: watch::Sender::new(start), elapsed: watch::Sender::new(Duration::ZERO) }
    }

    /// Moves on, waking whoever waited for a moment that is now reached.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = now.plus(by));
        self.elapsed.send_modify(|elapsed| *elapsed = elapsed.saturating_add(by));
    }

    /// Sets the virtual time, backwards too. What [`Clock::pause`]s isn't concerned.
    pub fn set(&self, at: UnixMillis) {
        self.now.send_replace(at);
    }

    /// How much this clock was advanced since it was made.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        *self.elapsed.borrow()
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(Self::START)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        *self.now.borrow()
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        Box::pin(until(self.now.subscribe(), at))
    }

    fn monotonic(&self) -> Duration {
        self.elapsed()
    }

    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        Box::pin(until(self.elapsed.subscribe(), self.elapsed().saturating_add(span)))
    }

    fn real_now(&self) -> UnixMillis {
        self.start.plus(self.elapsed())
    }
}

/// Never completes once the clock is gone: nothing will move it any more.
async fn until<T: PartialOrd + Send + Sync + 'static>(mut at: watch::Receiver<T>, goal: T) {
    if at.wait_for(|now| *now >= goal).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_wait_ends_at_its_moment_and_not_before() {
        let clock = ManualClock::default();
        let mut wait = clock.sleep_until(clock.now().plus(Duration::from_secs(60)));
        let mut pause = clock.pause(Duration::from_secs(60));
        clock.advance(Duration::from_millis(59_999));
        assert!((&mut wait).now_or_never().is_none(), "one millisecond early");
        assert!((&mut pause).now_or_never().is_none(), "one millisecond early");
        clock.advance(Duration::from_millis(1));
        assert!(wait.now_or_never().is_some());
        assert!(pause.now_or_never().is_some());
    }

    #[test]
    fn setting_the_time_back_leaves_real_time_alone() {
        let clock = ManualClock::default();
        clock.advance(Duration::from_secs(5));
        clock.set(UnixMillis(0));
        assert_eq!(clock.now(), UnixMillis(0));
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
        assert_eq!(clock.real_now(), ManualClock::START.plus(Duration::from_secs(5)));
    }
}
