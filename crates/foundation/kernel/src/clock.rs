//! Time comes from here and from nowhere else.
//!
//! *Virtual* time ([`Clock::now`], [`Clock::sleep_until`]) is what AWS semantics are written in: it can be moved.
//! *Real* time ([`Clock::monotonic`], [`Clock::pause`]) is for sockets, leases and measuring, and can not.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::BoxFuture;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// Later than any moment that is ever reached.
    pub const MAX: Self = Self(i64::MAX);

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `by` more; stays at [`Self::MAX`] instead of overflowing.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is from `earlier` to here; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// The one source of time, handed to whoever needs it.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Virtual now.
    fn now(&self) -> UnixMillis;
    /// Completes when virtual time has reached `at`, or early when the clock was moved: read [`Self::now`] again, or
    /// use [`reached`]. Only `timers` and long polls wait.
    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()>;
    /// Real time since some fixed moment in the past; never goes back.
    fn monotonic(&self) -> Duration;
    /// Completes after `span` of real time: for sockets, processes and leases, never for AWS semantics.
    fn pause(&self, span: Duration) -> BoxFuture<'static, ()>;
    /// Real now, for checking signatures made by clients that live in real time.
    fn real_now(&self) -> UnixMillis;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

#[expect(clippy::disallowed_methods, reason = "this is the seam that the ban protects")]
impl SystemClock {
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }

    fn wall(self) -> UnixMillis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn wait(span: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(span))
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        self.wall()
    }
    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        Self::wait(at.since(self.wall()))
    }
    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        Self::wait(span)
    }
    fn real_now(&self) -> UnixMillis {
        self.wall()
    }
}

/// The machine's clock moved by an offset, which can be changed while the platform runs. Waiters follow at once.
#[derive(Debug)]
pub struct VirtualClock {
    system: SystemClock,
    offset: AtomicI64,
    floor: AtomicI64,
    frozen: Mutex<Option<UnixMillis>>,
    moved: watch::Sender<u64>,
}

impl VirtualClock {
    /// A clock `offset_millis` ahead of the machine's that never reads less than `floor` (the largest time already
    /// acknowledged by the store), so that time doesn't go back over a restart.
    #[must_use]
    pub fn new(offset_millis: i64, floor: UnixMillis) -> Self {
        Self {
            system: SystemClock::new(),
            offset: AtomicI64::new(offset_millis),
            floor: AtomicI64::new(floor.0),
            frozen: Mutex::new(None),
            moved: watch::Sender::new(0),
        }
    }

    /// How far virtual time is ahead of the machine's, in milliseconds.
    pub fn offset_millis(&self) -> i64 {
        self.offset.load(Ordering::SeqCst)
    }

    /// Stands still at `at` while an advance is carried out step by step.
    pub fn freeze_at(&self, at: UnixMillis) {
        *self.frozen.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
        self.floor.store(at.0, Ordering::SeqCst);
        self.moved.send_modify(|n| *n += 1);
    }

    /// Runs on from `at`; the offset is what is then needed. Going back is allowed only here (`reset`, `set`).
    pub fn run_from(&self, at: UnixMillis) {
        self.offset.store(at.0.saturating_sub(self.system.now().0), Ordering::SeqCst);
        self.floor.store(at.0, Ordering::SeqCst);
        *self.frozen.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.moved.send_modify(|n| *n += 1);
    }

    fn frozen(&self) -> Option<UnixMillis> {
        *self.frozen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> UnixMillis {
        if let Some(at) = self.frozen() {
            return at;
        }
        let now = self.system.now().0.saturating_add(self.offset_millis());
        UnixMillis(self.floor.fetch_max(now, Ordering::SeqCst).max(now))
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> UnixMillis {
        self.read()
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        let mut moved = self.moved.subscribe();
        let left = at.since(self.read());
        if left.is_zero() {
            return Box::pin(std::future::ready(()));
        }
        let frozen = self.frozen().is_some();
        let system = self.system;
        Box::pin(async move {
            let elapsed = async {
                if frozen {
                    std::future::pending::<()>().await;
                }
                system.pause(left).await;
            };
            tokio::select! {
                _ = moved.changed() => {}
                () = elapsed => {}
            }
        })
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic()
    }
    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        self.system.pause(span)
    }
    fn real_now(&self) -> UnixMillis {
        self.system.now()
    }
}

/// Returns when virtual time has reached `at`, however often the clock is moved meanwhile.
pub async fn reached(clock: &dyn Clock, at: UnixMillis) {
    while clock.now() < at {
        clock.sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_arithmetic_saturates() {
        assert_eq!(UnixMillis(5).plus(Duration::from_millis(7)), UnixMillis(12));
        assert_eq!(UnixMillis::MAX.plus(Duration::from_secs(1)), UnixMillis::MAX);
        assert_eq!(UnixMillis(5).since(UnixMillis(7)), Duration::ZERO);
        assert_eq!(UnixMillis(-1).secs(), -1);
    }

    #[test]
    fn virtual_time_never_goes_back_by_itself() {
        let far = UnixMillis(4_000_000_000_000);
        let clock = VirtualClock::new(0, far);
        assert!(clock.now() >= far);
        clock.run_from(UnixMillis(1_000));
        assert!(clock.now() < far, "only an explicit set goes back");
    }

    #[tokio::test]
    async fn a_wait_ends_when_the_clock_is_moved_past_it() {
        let clock = VirtualClock::new(0, UnixMillis(0));
        let due = clock.now().plus(Duration::from_secs(86_400));
        let wait = reached(&clock, due);
        let mover = async { clock.run_from(due) };
        tokio::join!(wait, mover);
        assert!(clock.now() >= due);
    }
}
