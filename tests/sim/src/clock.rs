//! Virtual time: it stands still while anything runs, and jumps to the next moment somebody waits for.

use std::time::Duration;

use tokio::time::Instant;
use updraft_kernel::{BoxFuture, Clock, UnixMillis};

/// One machine's clock. All of them are as fast as each other, and a little apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SimClock {
    began: Instant,
    /// Ahead of true time.
    skew_millis: i64,
}

/// 2030-01-01T00:00:00Z.
const START: UnixMillis = UnixMillis(1_893_456_000_000);

impl SimClock {
    /// True time; to be made once, at the beginning.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), skew_millis: 0 }
    }

    pub(crate) fn skewed(self, skew_millis: i64) -> Self {
        Self { skew_millis, ..self }
    }
}

impl Clock for SimClock {
    fn now(&self) -> UnixMillis {
        let true_time = START.plus(self.monotonic());
        UnixMillis(true_time.0 + self.skew_millis)
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        self.pause(at.since(self.now()))
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the seam's other side: time that is paused")]
    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(span))
    }

    fn real_now(&self) -> UnixMillis {
        self.now()
    }
}
