//! One version of a function at one revision, with its instances.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::oneshot;
use updraft_kernel::ports::{FunctionSpec, Provisioned};
use updraft_kernel::{AccountId, Region, UnixMillis};

use crate::config::ExecConfig;
use crate::debug::{ALL_THE_TIME, DebugWay, Debugged};
use crate::extensions::event::Reason;
use crate::instance::Instance;
use crate::memory;
use crate::pool::{Admission, InstanceId, Load, Pool};
use crate::reset::Reset;

/// Names a function version, whatever its revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FunctionKey {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
    pub(crate) version: String,
}

impl FunctionKey {
    pub(crate) fn of(spec: &FunctionSpec) -> Self {
        Self {
            account: spec.account.clone(),
            region: spec.region.clone(),
            name: spec.name.clone(),
            version: spec.version.clone(),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    pool: Pool,
    instances: HashMap<InstanceId, Arc<Instance>>,
    waiting: VecDeque<oneshot::Sender<Turn>>,
    /// The environments of instances that came to grief, the youngest last.
    resets: Vec<Reset>,
    /// Why no more instances can be started ahead.
    failed: Option<String>,
}

/// What a call that waited gets.
#[derive(Debug)]
pub(crate) enum Turn {
    Use(Arc<Instance>),
    Start,
}

impl State {
    /// Gives `turn` to the first that still waits; gives it back if nobody does.
    fn hand(&mut self, mut turn: Turn) -> Option<Turn> {
        while let Some(waiter) = self.waiting.pop_front() {
            match waiter.send(turn) {
                Ok(()) => return None,
                Err(back) => turn = back,
            }
        }
        Some(turn)
    }
}

/// The spec and the living instances made from it.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) spec: Arc<FunctionSpec>,
    state: Mutex<State>,
    /// The most memory that one of its instances has used, in bytes.
    peak: AtomicU64,
    debugged: Option<Arc<Debugged>>,
}

/// What a call gets.
#[derive(Debug)]
pub(crate) enum Admitted {
    Warm(Arc<Instance>),
    Cold,
    Wait(oneshot::Receiver<Turn>),
    Throttled,
}

impl Function {
    pub(crate) fn new(spec: Arc<FunctionSpec>) -> Arc<Self> {
        Arc::new(Self { spec, state: Mutex::default(), peak: AtomicU64::new(0), debugged: None })
    }

    /// One that is debugged: it has one instance, and all the time.
    pub(crate) fn debugged(spec: &FunctionSpec, debugged: Arc<Debugged>) -> Arc<Self> {
        let spec = Arc::new(FunctionSpec { timeout: ALL_THE_TIME, ..spec.clone() });
        Arc::new(Self { spec, state: Mutex::default(), peak: AtomicU64::new(0), debugged: Some(debugged) })
    }

    pub(crate) fn is_debugged_by(&self, debugged: Option<&Arc<Debugged>>) -> bool {
        match (&self.debugged, debugged) {
            (None, None) => true,
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            _ => false,
        }
    }

    pub(crate) fn is_debugged(&self) -> bool {
        self.debugged.is_some()
    }

    /// How a debugger is let into what starts now.
    pub(crate) fn way(&self) -> Option<DebugWay> {
        let debugged = self.debugged.as_ref().filter(|debugged| !debugged.is_over())?;
        (!self.state.lock().pool.is_retired()).then_some(debugged.way)
    }

    /// Whether a call had better wait on: the one instance is at work or on its way.
    pub(crate) fn is_occupied(&self) -> bool {
        let state = self.state.lock();
        let (pool, living) = (&state.pool, !state.instances.is_empty());
        self.is_debugged() && !pool.is_retired() && (living || pool.is_starting())
    }

    /// One of its instances, whatever it is at.
    pub(crate) fn any(&self) -> Option<Arc<Instance>> {
        self.state.lock().instances.values().next().cloned()
    }

    /// Decides over one call. Instances whose credentials are about to expire (the virtual clock may have been moved)
    /// are passed over and ended.
    pub(crate) fn admit(&self, limit: Option<u32>, starts: usize, good_until: UnixMillis) -> Admitted {
        let limit = limit.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let mut state = self.state.lock();
        loop {
            let starts = if self.is_debugged() { usize::from(state.instances.is_empty()) } else { starts };
            let id = match state.pool.admit(limit, starts) {
                Admission::Throttled => return Admitted::Throttled,
                Admission::Start => return Admitted::Cold,
                Admission::Wait => {
                    let (turn, told) = oneshot::channel();
                    state.waiting.push_back(turn);
                    return Admitted::Wait(told);
                }
                Admission::Reuse(id) => id,
            };
            match state.instances.get(&id) {
                Some(instance) if instance.expires > good_until => return Admitted::Warm(Arc::clone(instance)),
                Some(instance) => instance.part(Reason::Spindown),
                None => {}
            }
            state.pool.lost();
        }
    }

    /// A cold call's instance is up.
    pub(crate) fn joined(&self, instance: &Arc<Instance>) {
        let mut state = self.state.lock();
        state.instances.insert(instance.id, Arc::clone(instance));
        if self.is_debugged() && state.pool.is_retired() {
            instance.kill();
        }
    }

    /// A call has waited long enough. It may have been served at the last moment.
    pub(crate) fn stop_waiting(&self, mut told: oneshot::Receiver<Turn>) -> Turn {
        told.close();
        told.try_recv().unwrap_or_else(|_| {
            self.state.lock().pool.start();
            Turn::Start
        })
    }

    /// An instance has started, or failed to: whoever waits may start the next one.
    pub(crate) fn start_over(&self) {
        let mut state = self.state.lock();
        state.pool.start_over();
        if self.is_debugged() && !state.instances.is_empty() {
            return;
        }
        if state.hand(Turn::Start).is_none() {
            state.pool.start();
        }
    }

    /// The call is over; a healthy instance is kept for the next one, unless the function was retired.
    pub(crate) fn release(&self, instance: &Arc<Instance>, healthy: bool, now: std::time::Duration) {
        if !healthy {
            self.reset(instance, now);
        }
        let mut state = self.state.lock();
        // An instance that has ended meanwhile is no longer listed.
        let alive = healthy && state.instances.contains_key(&instance.id);
        if alive && !state.pool.is_retired() && state.hand(Turn::Use(Arc::clone(instance))).is_none() {
            // The call that waited was counted when it came.
            return state.pool.lost();
        }
        if !alive {
            state.pool.lost();
        }
        let kept = alive && state.pool.release(instance.id, now);
        drop(state);
        if !kept {
            instance.part(if healthy { Reason::Spindown } else { Reason::Failure });
        }
    }

    /// The next start goes on where this instance, which came to grief, has ended or is about to.
    pub(crate) fn reset(&self, instance: &Instance, now: std::time::Duration) {
        let mut state = self.state.lock();
        if !state.pool.is_retired() {
            state.resets.extend(instance.reset(now));
        }
    }

    pub(crate) fn take_reset(&self) -> Option<Reset> {
        self.state.lock().resets.pop()
    }

    /// Nothing of the past is kept; how many there were.
    pub(crate) fn forget_resets(&self) -> usize {
        std::mem::take(&mut self.state.lock().resets).len()
    }

    pub(crate) fn want(&self, count: usize) {
        let mut state = self.state.lock();
        state.pool.want(count);
        state.failed = None;
    }

    /// See [`Pool::missing`]. None after one that failed, until something changes.
    pub(crate) fn missing(&self) -> usize {
        let mut state = self.state.lock();
        if state.failed.is_some() { 0 } else { state.pool.missing() }
    }

    /// One that was started ahead is up: whoever waits gets it at once.
    pub(crate) fn came(&self, instance: &Arc<Instance>, now: std::time::Duration) {
        let mut state = self.state.lock();
        let alive = state.instances.contains_key(&instance.id);
        if !alive || !state.pool.came(instance.id) {
            state.pool.stayed_away();
            drop(state);
            return instance.part(Reason::Spindown);
        }
        if state.hand(Turn::Use(Arc::clone(instance))).is_some() {
            state.pool.rest(instance.id, now);
        }
    }

    /// One that was to be started ahead is not, and why none is until something changes.
    pub(crate) fn stayed_away(&self, why: Option<String>) {
        let mut state = self.state.lock();
        state.pool.stayed_away();
        state.failed = why;
    }

    /// An instance has used so much memory.
    pub(crate) fn saw(&self, peak: Option<u64>) {
        self.peak.fetch_max(peak.unwrap_or_default(), Ordering::Relaxed);
    }

    /// How much memory one of its instances may use.
    pub(crate) fn limit(&self) -> u64 {
        u64::from(self.spec.memory_mb) << 20
    }

    /// How much memory one of its instances is likely to need.
    pub(crate) fn needed(&self) -> u64 {
        memory::needed(self.limit(), self.peak.load(Ordering::Relaxed))
    }

    /// How many instances it has.
    pub(crate) fn living(&self) -> usize {
        self.state.lock().instances.len()
    }

    /// How much memory all of its instances together may use.
    pub(crate) fn promised(&self) -> u64 {
        self.limit().saturating_mul(u64::try_from(self.living()).unwrap_or(u64::MAX))
    }

    /// See [`Pool::idle`]. What a debugger may be talking to isn't.
    pub(crate) fn idle(&self) -> Vec<(std::time::Duration, InstanceId)> {
        if self.is_debugged() { Vec::new() } else { self.state.lock().pool.idle() }
    }

    /// `false`: it has been given work, or is no more.
    pub(crate) fn end_idle(&self, id: InstanceId) -> bool {
        let mut state = self.state.lock();
        if !state.pool.is_idle(id) {
            return false;
        }
        state.pool.gone(id);
        let ended = state.instances.get(&id).cloned();
        drop(state);
        if let Some(instance) = &ended {
            instance.part(Reason::Spindown);
        }
        ended.is_some()
    }

    pub(crate) fn load(&self) -> Load {
        self.state.lock().pool.load()
    }

    pub(crate) fn is_ahead(&self, id: InstanceId) -> bool {
        self.state.lock().pool.is_ahead(id)
    }

    pub(crate) fn provisioned(&self) -> Provisioned {
        let state = self.state.lock();
        let load = state.pool.load();
        Provisioned {
            requested: count(load.wanted),
            allocated: count(load.ahead),
            available: count(load.ahead_idle),
            failed: state.failed.clone(),
        }
    }

    /// A cold call's instance never came up.
    pub(crate) fn lost(&self) {
        self.state.lock().pool.lost();
    }

    /// An instance has ended.
    pub(crate) fn gone(&self, id: InstanceId) {
        let mut state = self.state.lock();
        state.pool.gone(id);
        state.instances.remove(&id);
    }

    /// Ends the idle instances; busy ones end after their call.
    pub(crate) fn retire(&self) {
        let mut state = self.state.lock();
        let idle = state.pool.retire();
        state.resets.clear();
        for instance in idle.iter().filter_map(|id| state.instances.get(id)) {
            instance.part(Reason::Spindown);
        }
        if self.is_debugged() {
            // A call may stand still for ever, now that nobody can let it go on.
            state.instances.values().for_each(|instance| {
                instance.spend();
                instance.kill();
            });
        }
    }

    /// Freezes and ends what is due, but for what a debugger may be talking to.
    ///
    /// # Returns
    /// How long until there is something to do again.
    pub(crate) fn keep(&self, now: std::time::Duration, config: &ExecConfig) -> Option<std::time::Duration> {
        if self.is_debugged() {
            return None;
        }
        let mut state = self.state.lock();
        let chores = state.pool.chores(now, config.freeze_after, config.idle_after);
        let age = |reset: &Reset| now.saturating_sub(reset.since);
        let old: Vec<_> = state.resets.extract_if(.., |reset| age(reset) >= config.idle_after).collect();
        let next = state.resets.iter().map(|reset| config.idle_after.saturating_sub(age(reset))).min();
        let find = |ids: &[InstanceId]| -> Vec<Arc<Instance>> {
            ids.iter().filter_map(|id| state.instances.get(id).cloned()).collect()
        };
        let (freeze, end) = (find(&chores.freeze), find(&chores.end));
        drop(state);
        drop(old);
        for instance in end {
            instance.part(Reason::Spindown);
        }
        for instance in freeze {
            instance.freeze(|| self.state.lock().pool.is_idle(instance.id));
        }
        chores.next.into_iter().chain(next).min()
    }

    pub(crate) fn is_unused(&self) -> bool {
        let state = self.state.lock();
        !self.is_debugged()
            && state.instances.is_empty()
            && state.pool.working() == 0
            && state.resets.is_empty()
            && state.pool.load().wanted == 0
    }
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
