//! [`ClockControl`]: moving the platform's time, with everything due in between happening in order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use updraft_kernel::{BoxFuture, Clock, Tasks, UnixMillis, VirtualClock};
use updraft_store::{Result, Store, StoreError};

use crate::clock_rows::{self, Moved};
use crate::timers::Timers;

/// Rounds at one moment after which it is given up to wait for quiet: something causes itself without end.
const ROUNDS: usize = 1_000;

/// How long (in real time) to leave another node to fire what is due in its buckets.
const ELSEWHERE: Duration = Duration::from_millis(20);

/// Something beside timers that has work to do when time has moved, such as deliveries.
pub trait Settles: Send + Sync + std::fmt::Debug {
    /// Completes when nothing is ready or under way that could be done now. `true`: there was something.
    fn settle(&self) -> BoxFuture<'_, bool>;
}

/// How the clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockState {
    pub now: UnixMillis,
    pub real_now: UnixMillis,
    /// Ahead of the machine's clock, in milliseconds.
    pub offset_millis: i64,
}

/// Moves the clock. One move at a time; others wait for their turn. A move goes on to its end when whoever asked for it
/// has gone away; only a shutdown stops it, where it stands. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ClockControl(Arc<Mover>);

#[derive(Debug)]
struct Mover {
    store: Arc<dyn Store>,
    clock: Arc<VirtualClock>,
    timers: Timers,
    tasks: Tasks,
    settles: Mutex<Vec<Arc<dyn Settles>>>,
    one: tokio::sync::Mutex<()>,
}

impl ClockControl {
    /// `timers` must have been made with the same clock.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<VirtualClock>, timers: Timers, tasks: Tasks) -> Self {
        let (settles, one) = (Mutex::default(), tokio::sync::Mutex::default());
        Self(Arc::new(Mover { store, clock, timers, tasks, settles, one }))
    }

    /// Waits for `what` too at each step.
    pub fn settles(&self, what: Arc<dyn Settles>) {
        self.0.settles.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    #[must_use]
    pub fn get(&self) -> ClockState {
        self.0.state()
    }

    /// Moves time on by `span`, from one due moment to the next, and answers when everything that fell due has run.
    ///
    /// # Errors
    /// If the store fails; time then goes on from where it had come to.
    pub async fn advance(&self, span: Duration) -> Result<ClockState> {
        let mover = Arc::clone(&self.0);
        self.to_its_end(async move {
            let _one = mover.one.lock().await;
            mover.forward(mover.clock.now().plus(span)).await
        })
        .await
    }

    /// Moves time to `at`: forward as [`Self::advance`] does, backward in a jump.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn set(&self, at: UnixMillis) -> Result<ClockState> {
        let mover = Arc::clone(&self.0);
        self.to_its_end(async move {
            let _one = mover.one.lock().await;
            mover.move_to(at).await
        })
        .await
    }

    /// Back to the machine's time.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn reset(&self) -> Result<ClockState> {
        let mover = Arc::clone(&self.0);
        self.to_its_end(async move {
            let _one = mover.one.lock().await;
            mover.reset().await
        })
        .await
    }

    async fn to_its_end(&self, work: impl Future<Output = Result<ClockState>> + Send + 'static) -> Result<ClockState> {
        let (done, answer) = oneshot::channel();
        self.0.tasks.spawn("clock", async move {
            if done.send(work.await).is_err() {
                tracing::debug!("whoever moved the clock has gone away");
            }
        });
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Mover {
    fn state(&self) -> ClockState {
        let (now, real_now) = (self.clock.now(), self.clock.real_now());
        ClockState { now, real_now, offset_millis: self.clock.offset_millis() }
    }

    async fn reset(&self) -> Result<ClockState> {
        self.move_to(self.clock.real_now()).await?;
        // The way took a moment of real time; that isn't an offset to be kept.
        self.clock.run_from(self.clock.real_now());
        self.save(false).await?;
        Ok(self.state())
    }

    async fn move_to(&self, at: UnixMillis) -> Result<ClockState> {
        if at >= self.clock.now() {
            return self.forward(at).await;
        }
        // No firing may be under way: it would write down the later time as passed.
        let _steps = self.timers.step_by_step().await;
        self.clock.run_from(at);
        self.save(false).await?;
        Ok(self.state())
    }

    async fn forward(&self, target: UnixMillis) -> Result<ClockState> {
        let steps = self.timers.step_by_step().await;
        self.save(true).await?;
        let thaw = Thaw(&self.clock);
        let travelled = self.travel(target).await;
        drop(thaw);
        drop(steps);
        self.save(false).await?;
        travelled.map(|()| self.state())
    }

    async fn travel(&self, target: UnixMillis) -> Result<()> {
        self.clock.freeze_at(self.clock.now());
        let shutdown = self.tasks.shutdown();
        while !shutdown.is_requested() {
            if !self.quiet().await? {
                self.clock.freeze_at(target);
                return Ok(());
            }
            let now = self.clock.now();
            match self.timers.next_due().await? {
                Some(at) if at <= now => self.clock.pause(ELSEWHERE).await,
                Some(at) if at < target => self.clock.freeze_at(at),
                _ if now < target => self.clock.freeze_at(target),
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Runs what is due at this moment, and what that causes at this moment, until there is nothing left. `false`: that
    /// never comes.
    async fn quiet(&self) -> Result<bool> {
        for _ in 0..ROUNDS {
            let fired = self.timers.run_due().await?;
            if !self.settled().await && fired == 0 {
                return Ok(true);
            }
        }
        tracing::error!(now = self.clock.now().0, "timers or deliveries cause each other without end; time moves on");
        Ok(false)
    }

    /// Whether there was anything to wait for.
    async fn settled(&self) -> bool {
        let all = self.settles.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut busy = false;
        for one in all {
            busy |= one.settle().await;
        }
        busy
    }

    async fn save(&self, moving: bool) -> Result<()> {
        let moved = Moved { offset_millis: self.clock.offset_millis(), moving };
        clock_rows::save(&*self.store, moved, self.clock.now()).await
    }
}

/// Lets time run on from where it stands, also when the move panics.
struct Thaw<'a>(&'a VirtualClock);

impl Drop for Thaw<'_> {
    fn drop(&mut self) {
        self.0.run_from(self.0.now());
    }
}
