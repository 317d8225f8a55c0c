//! [`Member`]: what this process knows of itself as one node of many.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use updraft_kernel::{Clock, UnixMillis};

use crate::decide::{Me, Plan};
use crate::health::{Health, Trouble};
use crate::info::NodeState;
use crate::rows::{NodeId, NodeRow, Phase};
use crate::settings::Parts;
use crate::skew::{Skew, Tick};
use crate::table::Table;

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: NodeId,
    pub(crate) parts: Parts,
    /// The store's time.
    pub(crate) started: UnixMillis,
    pub(crate) table: Table,
    pub(crate) health: watch::Sender<Health>,
    /// Something has changed that a heart-beat should see at once.
    pub(crate) kick: Notify,
    /// The log has it that no heart-beat can be written.
    pub(crate) said_so: AtomicBool,
    /// The loop runs; before, this node has no part in the work.
    at_work: AtomicBool,
    /// Since when it is leaving, in monotonic time.
    leaving: OnceLock<Duration>,
    /// The process ends now: nobody is waited for.
    at_once: AtomicBool,
    /// The monotonic time, in milliseconds, from which on the others may count this node as dead.
    alive_until: AtomicU64,
    crew: Mutex<Vec<NodeId>>,
    /// How many they are.
    pub(crate) crew_size: watch::Sender<usize>,
}

impl Member {
    pub(crate) fn new(id: NodeId, parts: Parts, tick: Tick) -> Self {
        Self {
            id,
            parts,
            started: tick.now,
            table: Table::default(),
            health: watch::Sender::new(Health::of(NodeState::Starting)),
            kick: Notify::new(),
            said_so: AtomicBool::new(false),
            at_work: AtomicBool::new(false),
            leaving: OnceLock::new(),
            at_once: AtomicBool::new(false),
            alive_until: AtomicU64::new(0),
            crew: Mutex::default(),
            crew_size: watch::Sender::new(0),
        }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.parts.clock
    }

    /// Nobody counts this node as dead yet. Asked of the clock each time, since a process that was stopped for a while
    /// goes on in the middle of anything.
    pub(crate) fn is_alive(&self) -> bool {
        !self.left_alive().is_zero()
    }

    /// How long that lasts without another heart-beat.
    pub(crate) fn left_alive(&self) -> Duration {
        Duration::from_millis(self.alive_until.load(Ordering::Acquire)).saturating_sub(self.clock().monotonic())
    }

    pub(crate) fn release(&self, name: &str) {
        if self.table.release(name) {
            self.kick.notify_one();
        }
    }

    pub(crate) fn go_to_work(&self) {
        self.at_work.store(true, Ordering::Release);
    }

    pub(crate) fn is_at_work(&self) -> bool {
        self.at_work.load(Ordering::Acquire)
    }

    /// From now on it hands over.
    pub(crate) fn begin_to_leave(&self) {
        self.leaving.get_or_init(|| self.clock().monotonic());
        self.kick.notify_one();
    }

    /// As [`Self::begin_to_leave`], without waiting for what is under way.
    pub(crate) fn leave_at_once(&self) {
        self.at_once.store(true, Ordering::Release);
        self.begin_to_leave();
    }

    /// Waiting for what is under way is over.
    pub(crate) fn is_overdue(&self) -> bool {
        let waited = self.leaving.get().map(|since| self.clock().monotonic().saturating_sub(*since));
        self.at_once.load(Ordering::Acquire) || waited.is_some_and(|waited| waited >= self.parts.settings.grace)
    }

    pub(crate) fn me(&self, skew: Skew) -> Me {
        Me { id: self.id, phase: self.phase(skew), asked: self.table.asked(), at_once: self.is_overdue() }
    }

    fn phase(&self, skew: Skew) -> Phase {
        if self.leaving.get().is_some() {
            Phase::Draining
        } else if !self.is_at_work() {
            Phase::Starting
        } else if skew.is_over(self.parts.settings.max_skew) {
            Phase::Skewed
        } else {
            Phase::Serving
        }
    }

    pub(crate) fn row(&self, phase: Phase, tick: Tick) -> NodeRow {
        let settings = &self.parts.settings;
        NodeRow {
            name: settings.name.clone(),
            address: settings.address.clone(),
            version: settings.version.clone(),
            phase,
            started: self.started,
            beat: tick.now,
            expires: tick.now.plus(settings.ttl),
            skew_millis: tick.skew.millis,
        }
    }

    /// A heart-beat of that moment is committed, and the plan with it.
    pub(crate) fn beaten(&self, phase: Phase, tick: Tick, plan: Plan) {
        let until = tick.began.saturating_add(self.parts.settings.ttl).as_millis();
        let before = self.alive_until.swap(u64::try_from(until).unwrap_or(u64::MAX), Ordering::AcqRel);
        if self.clock().monotonic() >= Duration::from_millis(before) {
            // Somebody may have seen a lease as not held in between, and waits for a change.
            self.table.lapse();
        }
        for (name, standing) in &plan.standings {
            self.table.set(name, *standing);
        }
        let size = plan.crew.len();
        *self.crew.lock() = plan.crew;
        self.crew_size.send_if_modified(|before| std::mem::replace(before, size) != size);
        let skewed = tick.skew.is_over(self.parts.settings.max_skew);
        let troubles = skewed.then_some(Trouble::Skewed { millis: tick.skew.millis }).into_iter().collect();
        let state = if plan.leaves { NodeState::Gone } else { phase.into() };
        self.feel(Health { state, troubles });
    }

    /// Stops holding anything once the others may count this node as dead.
    pub(crate) fn lapse_if_due(&self) {
        if !self.is_alive() {
            self.table.lapse();
            let state = self.health.borrow().state;
            self.feel(Health { state, troubles: vec![Trouble::CutOff] });
        }
    }

    /// Is no node any more, whether or not the store knows it.
    pub(crate) fn gone(&self) {
        self.alive_until.store(0, Ordering::Release);
        self.table.lapse();
        self.feel(Health::of(NodeState::Gone));
    }

    fn feel(&self, now: Health) {
        self.health.send_if_modified(|before| {
            let changed = *before != now;
            if changed && kinds(before) != kinds(&now) {
                tell(&now);
            }
            *before = now;
            changed
        });
    }

    /// This node's part of a limit: equal parts, and what is left over to the first nodes.
    pub(crate) fn share(&self, total: u32) -> u32 {
        let crew = self.crew.lock();
        let count = u32::try_from(crew.len()).unwrap_or(u32::MAX).max(1);
        let place = crew.iter().position(|id| *id == self.id).and_then(|place| u32::try_from(place).ok());
        let extra = u32::from(place.is_some_and(|place| place < total % count));
        (total / count + extra).max(total.min(1))
    }
}

/// What kind of troubles there are: a skew that moves by a millisecond isn't worth another line in the log.
fn kinds(health: &Health) -> Vec<std::mem::Discriminant<Trouble>> {
    health.troubles.iter().map(std::mem::discriminant).collect()
}

fn tell(health: &Health) {
    for trouble in &health.troubles {
        tracing::warn!(why = %trouble, "this node has no part in the work");
    }
    if health.troubles.is_empty() {
        tracing::info!("this node takes part in the work again");
    }
}
