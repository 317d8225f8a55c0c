//! [`ClockControl`]: moving the platform's time, with everything due in between happening in order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{MutexGuard, oneshot};
use updraft_kernel::{BoxFuture, Clock, Tasks, UnixMillis, VirtualClock};
use updraft_store::{Result, Store, StoreError};

use crate::clock_follow;
use crate::clock_rows::{self, Moved};
use crate::timers::Timers;

/// Rounds at one moment after which it is given up to wait for quiet: something causes itself without end.
const ROUNDS: usize = 1_000;

/// How long (in real time) to leave another node to fire what is due in its buckets, or to end its own move.
const ELSEWHERE: Duration = Duration::from_millis(20);

/// Between two signs of life of a move (in real time), for the other nodes.
const ALIVE: Duration = Duration::from_secs(1);

/// Something beside timers that has work to do when time has moved, such as deliveries.
pub trait Settles: Send + Sync + std::fmt::Debug {
    /// Completes when nothing is ready or under way that could be done now. `true`: there was something.
    fn settle(&self) -> BoxFuture<'_, bool>;

    /// When it has work to do again by itself: the clock stops there on its way. `None`: never, as far as it knows.
    fn next_due(&self) -> Option<UnixMillis> {
        None
    }
}

/// How the clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockState {
    pub now: UnixMillis,
    pub real_now: UnixMillis,
    /// Ahead of the machine's clock, in milliseconds.
    pub offset_millis: i64,
}

/// Moves the clock, of all nodes. One move at a time; others wait for their turn. A move goes on to its end when whoever
/// asked for it has gone away; only a shutdown stops it, where it stands. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ClockControl(Arc<Mover>);

#[derive(Debug)]
pub(crate) struct Mover {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) timers: Timers,
    tasks: Tasks,
    settles: Mutex<Vec<Arc<dyn Settles>>>,
    /// Who has asked on this node, one behind the other.
    one: tokio::sync::Mutex<()>,
    /// Held while this node moves the clock, or follows another that does.
    pub(crate) own: tokio::sync::Mutex<()>,
    /// What the clock was last brought in line with.
    pub(crate) adopted: Mutex<Option<Moved>>,
}

/// Where time is to go.
#[derive(Clone, Copy, Debug)]
enum Goal {
    On(Duration),
    To(UnixMillis),
    /// The machine's time.
    Real,
}

impl ClockControl {
    /// `timers` must have been made with the same clock.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<VirtualClock>, timers: Timers, tasks: Tasks) -> Self {
        let (settles, one, own, adopted) = Default::default();
        Self(Arc::new(Mover { store, clock, timers, tasks, settles, one, own, adopted }))
    }

    /// Follows what other nodes do to the clock, until shutdown. Does nothing on a store that isn't shared.
    pub fn follow(&self) {
        let Mover { store, tasks, .. } = &*self.0;
        if store.is_shared() {
            tasks.spawn("clock follower", clock_follow::follow(Arc::clone(&self.0), tasks.shutdown()));
        }
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
        self.to_its_end(Goal::On(span)).await
    }

    /// Moves time to `at`: forward as [`Self::advance`] does, backward in a jump.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn set(&self, at: UnixMillis) -> Result<ClockState> {
        self.to_its_end(Goal::To(at)).await
    }

    /// Back to the machine's time.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn reset(&self) -> Result<ClockState> {
        self.to_its_end(Goal::Real).await
    }

    async fn to_its_end(&self, goal: Goal) -> Result<ClockState> {
        let (done, answer) = oneshot::channel();
        let mover = Arc::clone(&self.0);
        self.0.tasks.spawn("clock", async move {
            if done.send(mover.go(goal).await).is_err() {
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

    async fn go(&self, goal: Goal) -> Result<ClockState> {
        let _one = self.one.lock().await;
        let (_own, turn) = self.begin().await?;
        let gone = self.carry_out(goal, turn).await;
        let saved = clock_rows::save(&*self.store, &self.clock, turn, false).await;
        // What this node did itself it needn't follow; what another did meanwhile it must.
        let now = if saved.is_ok() { clock_rows::read(&*self.store).await.ok() } else { None };
        *self.adopted.lock().unwrap_or_else(PoisonError::into_inner) = now.or(Some(Moved::default()));
        gone.and(saved).map(|()| self.state())
    }

    /// Waits until no other node is at a move.
    async fn begin(&self) -> Result<(MutexGuard<'_, ()>, u64)> {
        loop {
            let own = self.own.lock().await;
            if let Some(turn) = clock_rows::begin(&*self.store, &self.clock).await? {
                return Ok((own, turn));
            }
            // Meanwhile this node follows, and fires what is its to fire.
            drop(own);
            self.clock.pause(ELSEWHERE).await;
        }
    }

    async fn carry_out(&self, goal: Goal, turn: u64) -> Result<()> {
        match goal {
            Goal::On(span) => self.move_to(self.clock.now().plus(span), turn).await,
            Goal::To(at) => self.move_to(at, turn).await,
            Goal::Real => {
                self.move_to(self.clock.real_now(), turn).await?;
                // The way took a moment of real time; that isn't an offset to be kept.
                self.clock.run_from(self.clock.real_now());
                Ok(())
            }
        }
    }

    async fn move_to(&self, at: UnixMillis, turn: u64) -> Result<()> {
        // No firing may be under way: it would write down the later time as passed.
        let _steps = self.timers.step_by_step().await;
        if at < self.clock.now() {
            self.clock.run_from(at);
            return Ok(());
        }
        let _thaw = Thaw(&self.clock);
        self.clock.freeze_at(self.clock.now());
        tokio::select! {
            travelled = self.travel(at, turn) => travelled,
            lost = self.stay_alive(turn) => Err(lost),
        }
    }

    async fn travel(&self, target: UnixMillis, turn: u64) -> Result<()> {
        let shutdown = self.tasks.shutdown();
        while !shutdown.is_requested() {
            if !self.quiet().await? {
                self.clock.freeze_at(target);
                return Ok(());
            }
            let now = self.clock.now();
            let timers = self.timers.next_due().await?;
            match timers.into_iter().chain(self.others_due(now)).min() {
                Some(at) if at <= now => self.clock.pause(ELSEWHERE).await,
                Some(at) if at < target => self.step(at, turn).await?,
                _ if now < target => self.step(target, turn).await?,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Stands still at `at`, on all nodes: each fires what is due in its buckets.
    async fn step(&self, at: UnixMillis, turn: u64) -> Result<()> {
        self.clock.freeze_at(at);
        match self.store.is_shared() {
            true => clock_rows::save(&*self.store, &self.clock, turn, true).await,
            false => Ok(()),
        }
    }

    /// Tells the other nodes again and again that this one still is at it. Answers when they have given it up.
    async fn stay_alive(&self, turn: u64) -> StoreError {
        loop {
            self.clock.pause(ALIVE).await;
            if !self.store.is_shared() {
                std::future::pending::<()>().await;
            }
            match clock_rows::save(&*self.store, &self.clock, turn, true).await {
                Err(lost @ StoreError::Fenced(_)) => return lost,
                Err(err) => tracing::warn!(error = %err, "the other nodes can't be told how far the clock is"),
                Ok(()) => {}
            }
        }
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

    /// When something beside timers is due next. What is due already has had its time to settle.
    fn others_due(&self, now: UnixMillis) -> Option<UnixMillis> {
        self.others().iter().filter_map(|one| one.next_due()).filter(|at| *at > now).min()
    }

    fn others(&self) -> Vec<Arc<dyn Settles>> {
        self.settles.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there was anything to wait for.
    async fn settled(&self) -> bool {
        let mut busy = false;
        for one in self.others() {
            busy |= one.settle().await;
        }
        busy
    }
}

/// Lets time run on from where it stands, also when the move panics.
struct Thaw<'a>(&'a VirtualClock);

impl Drop for Thaw<'_> {
    fn drop(&mut self) {
        self.0.run_from(self.0.now());
    }
}
