//! Which instance takes a call, when a new one starts, and when idle ones are frozen and ended. Pure: no processes,
//! no clock; the caller tells what time it is and carries out what is decided.

use std::collections::BTreeSet;
use std::time::Duration;

/// Names an instance within this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct InstanceId(pub(crate) u64);

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// This idle instance takes it.
    Reuse(InstanceId),
    /// A new instance is to be started; [`Pool::start_over`] ends that.
    Start,
    /// Enough instances are starting: the first that becomes free takes it.
    Wait,
    /// The function works at its limit.
    Throttled,
}

/// What is to be done about idle instances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chores {
    pub(crate) freeze: Vec<InstanceId>,
    /// Already removed from the pool.
    pub(crate) end: Vec<InstanceId>,
    /// How long until there is something to do again, as far as is known now.
    pub(crate) next: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Idle {
    id: InstanceId,
    /// Monotonic.
    since: Duration,
    frozen: bool,
}

/// Instances that are kept started, whether there are calls or not.
#[derive(Debug, Default)]
struct Ahead {
    wanted: usize,
    coming: usize,
    living: BTreeSet<InstanceId>,
}

/// How many calls and instances there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) working: usize,
    pub(crate) wanted: usize,
    /// Started ahead, and those of them without work.
    pub(crate) ahead: usize,
    pub(crate) ahead_idle: usize,
}

/// The instances of one function version.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// Oldest first; the youngest is reused, so that what isn't needed ages.
    idle: Vec<Idle>,
    /// Calls that wait, start an instance, or are at work.
    working: usize,
    starting: usize,
    retired: bool,
    ahead: Ahead,
}

impl Pool {
    /// Decides over one call. What it answers is already counted: each admission that isn't throttled needs one
    /// [`Self::release`] or [`Self::lost`].
    ///
    /// `limit`: how many calls may be at work; `starts`: how many instances may be starting.
    pub(crate) fn admit(&mut self, limit: Option<usize>, starts: usize) -> Admission {
        if limit.is_some_and(|most| self.working >= most) {
            return Admission::Throttled;
        }
        self.working += 1;
        match self.next_idle() {
            Some(idle) => Admission::Reuse(idle.id),
            None if self.starting >= starts => Admission::Wait,
            None => self.start(),
        }
    }

    /// AWS: those that were started ahead come first.
    fn next_idle(&mut self) -> Option<Idle> {
        let ahead = self.idle.iter().rposition(|idle| self.ahead.living.contains(&idle.id));
        match ahead {
            Some(at) => Some(self.idle.remove(at)),
            None => self.idle.pop(),
        }
    }

    /// From now on so many instances are kept started. Those that are too many end when they are idle.
    pub(crate) fn want(&mut self, count: usize) {
        self.ahead.wanted = count;
        while self.ahead.living.len() > count {
            // They go on as instances like all others, until they have been idle for long enough.
            self.ahead.living.pop_last();
        }
    }

    /// How many instances are to be started ahead now; each is then told of by [`Self::came`] or [`Self::stayed_away`].
    pub(crate) fn missing(&mut self) -> usize {
        let there = self.ahead.living.len() + self.ahead.coming;
        let missing = if self.retired { 0 } else { self.ahead.wanted.saturating_sub(there) };
        self.ahead.coming += missing;
        missing
    }

    /// One that was started ahead is up. `false`: it isn't wanted any more, and is to end.
    pub(crate) fn came(&mut self, id: InstanceId) -> bool {
        self.ahead.coming = self.ahead.coming.saturating_sub(1);
        let wanted = !self.retired && self.ahead.living.len() < self.ahead.wanted;
        if wanted {
            self.ahead.living.insert(id);
        }
        wanted
    }

    pub(crate) fn stayed_away(&mut self) {
        self.ahead.coming = self.ahead.coming.saturating_sub(1);
    }

    pub(crate) fn is_ahead(&self, id: InstanceId) -> bool {
        self.ahead.living.contains(&id)
    }

    pub(crate) fn load(&self) -> Load {
        Load {
            working: self.working,
            wanted: self.ahead.wanted,
            ahead: self.ahead.living.len(),
            ahead_idle: self.idle.iter().filter(|idle| self.is_ahead(idle.id)).count(),
        }
    }

    /// Puts one that has no work among those that wait for some.
    pub(crate) fn rest(&mut self, id: InstanceId, now: Duration) {
        self.idle.push(Idle { id, since: now, frozen: false });
    }

    /// A call that waited starts an instance after all.
    pub(crate) fn start(&mut self) -> Admission {
        self.starting += 1;
        Admission::Start
    }

    /// An instance has started, or failed to.
    pub(crate) fn start_over(&mut self) {
        self.starting = self.starting.saturating_sub(1);
    }

    /// An instance is free again. `false`: the function was retired meanwhile, and the instance is to end.
    pub(crate) fn release(&mut self, id: InstanceId, now: Duration) -> bool {
        self.working = self.working.saturating_sub(1);
        if !self.retired {
            self.rest(id, now);
        }
        !self.retired
    }

    /// An instance that was starting or at work is no more.
    pub(crate) fn lost(&mut self) {
        self.working = self.working.saturating_sub(1);
    }

    /// Those without work that weren't asked for ahead, and since when.
    pub(crate) fn idle(&self) -> Vec<(Duration, InstanceId)> {
        self.idle.iter().filter(|idle| !self.is_ahead(idle.id)).map(|idle| (idle.since, idle.id)).collect()
    }

    /// An instance ended by itself; harmless if it wasn't idle.
    pub(crate) fn gone(&mut self, id: InstanceId) {
        self.idle.retain(|idle| idle.id != id);
        self.ahead.living.remove(&id);
    }

    pub(crate) fn is_idle(&self, id: InstanceId) -> bool {
        self.idle.iter().any(|idle| idle.id == id)
    }

    pub(crate) fn working(&self) -> usize {
        self.working
    }

    pub(crate) fn is_starting(&self) -> bool {
        self.starting > 0
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired
    }

    /// No instance is kept from now on; the idle ones are handed out to be ended.
    pub(crate) fn retire(&mut self) -> Vec<InstanceId> {
        self.retired = true;
        self.idle.drain(..).map(|idle| idle.id).collect()
    }

    /// What is due at `now`.
    pub(crate) fn chores(&mut self, now: Duration, freeze_after: Duration, idle_after: Duration) -> Chores {
        let mut chores = Chores::default();
        let ahead = &self.ahead.living;
        let old = |idle: &Idle| now.saturating_sub(idle.since) >= idle_after && !ahead.contains(&idle.id);
        chores.end = self.idle.extract_if(.., |idle| old(idle)).map(|idle| idle.id).collect();
        for idle in &mut self.idle {
            let age = now.saturating_sub(idle.since);
            if !idle.frozen && age >= freeze_after {
                idle.frozen = true;
                chores.freeze.push(idle.id);
            }
            if idle.frozen && ahead.contains(&idle.id) {
                continue;
            }
            let due = if idle.frozen { idle_after } else { freeze_after };
            let left = due.saturating_sub(age);
            chores.next = Some(chores.next.map_or(left, |next| next.min(left)));
        }
        chores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREEZE: Duration = Duration::from_millis(5);
    const END: Duration = Duration::from_secs(60);

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn with_idle(ids: &[u64]) -> Pool {
        let mut pool = Pool::default();
        for _ in ids {
            assert_eq!(pool.admit(None, 9), Admission::Start);
        }
        for (millis, id) in ids.iter().enumerate() {
            assert!(pool.release(InstanceId(*id), at(millis as u64)));
        }
        pool
    }

    #[test]
    fn two_calls_at_once_need_two_instances_and_the_youngest_is_reused() {
        let mut pool = with_idle(&[1, 2]);
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(2)));
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(1)));
        assert_eq!(pool.admit(None, 9), Admission::Start);
        assert_eq!(pool.working(), 3);
    }

    #[test]
    fn a_burst_waits_for_the_first_starts() {
        let mut pool = Pool::default();
        assert_eq!(pool.admit(None, 2), Admission::Start);
        assert_eq!(pool.admit(None, 2), Admission::Start);
        assert_eq!(pool.admit(None, 2), Admission::Wait);
        pool.start_over();
        assert_eq!(pool.admit(None, 2), Admission::Start);
        assert_eq!(pool.working(), 4, "who waits is at work");
    }

    #[test]
    fn a_function_at_its_limit_throttles_and_recovers() {
        let mut pool = Pool::default();
        assert_eq!(pool.admit(Some(0), 9), Admission::Throttled);
        assert_eq!(pool.admit(Some(1), 9), Admission::Start);
        assert_eq!(pool.admit(Some(1), 9), Admission::Throttled);
        pool.lost();
        assert_eq!(pool.admit(Some(1), 9), Admission::Start);
    }

    #[test]
    fn idle_instances_are_frozen_once_and_then_ended() {
        let mut pool = with_idle(&[1]);
        assert_eq!(pool.chores(at(4), FREEZE, END), Chores { next: Some(at(1)), ..Chores::default() });
        let chores = pool.chores(at(5), FREEZE, END);
        assert_eq!(chores.freeze, [InstanceId(1)]);
        assert_eq!(chores.next, Some(END - at(5)));
        assert_eq!(pool.chores(at(6), FREEZE, END).freeze, []);
        assert_eq!(pool.chores(END - at(1), FREEZE, END).end, []);
        assert_eq!(pool.chores(END, FREEZE, END).end, [InstanceId(1)]);
        assert_eq!(pool.admit(None, 9), Admission::Start);
    }

    #[test]
    fn a_retired_function_keeps_nothing() {
        let mut pool = with_idle(&[1, 2]);
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(2)));
        assert_eq!(pool.retire(), [InstanceId(1)]);
        assert!(!pool.release(InstanceId(2), at(9)), "it ends after its call");
        assert_eq!(pool.chores(at(1_000_000), FREEZE, END), Chores::default());
    }

    #[test]
    fn instances_started_ahead_are_used_first_and_stay() {
        let mut pool = with_idle(&[1]);
        pool.want(2);
        assert_eq!((pool.missing(), pool.missing()), (2, 0), "each is asked for once");
        for id in [7, 8] {
            assert!(pool.came(InstanceId(id)));
            pool.rest(InstanceId(id), at(2));
        }
        assert_eq!(pool.load(), Load { working: 0, wanted: 2, ahead: 2, ahead_idle: 2 });
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(8)));
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(7)));
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(1)), "then the others");
        assert!(pool.release(InstanceId(7), at(3)) && pool.release(InstanceId(1), at(3)));
        assert_eq!(pool.chores(END * 2, FREEZE, END).end, [InstanceId(1)]);
        pool.gone(InstanceId(8));
        assert_eq!(pool.missing(), 1, "one that died is replaced");
        pool.stayed_away();
        pool.want(0);
        assert_eq!(pool.missing(), 0);
        assert_eq!(pool.chores(END * 4, FREEZE, END).end, [InstanceId(7)], "an instance like all others now");
    }

    #[test]
    fn what_is_no_longer_wanted_when_it_comes_ends() {
        let mut pool = Pool::default();
        pool.want(1);
        assert_eq!(pool.missing(), 1);
        pool.want(0);
        assert!(!pool.came(InstanceId(1)));
        pool.want(1);
        pool.retire();
        assert_eq!(pool.missing(), 0);
    }

    #[test]
    fn what_could_be_ended_is_idle_and_was_not_asked_for() {
        let mut pool = with_idle(&[1, 2, 3]);
        pool.want(1);
        assert_eq!(pool.missing(), 1);
        assert!(pool.came(InstanceId(7)));
        pool.rest(InstanceId(7), at(9));
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(7)));
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(3)));
        assert!(pool.release(InstanceId(7), at(9)));
        assert_eq!(pool.idle(), [(at(0), InstanceId(1)), (at(1), InstanceId(2))]);
    }

    #[test]
    fn an_instance_that_died_idle_is_not_reused() {
        let mut pool = with_idle(&[1, 2]);
        pool.gone(InstanceId(2));
        assert!(pool.is_idle(InstanceId(1)) && !pool.is_idle(InstanceId(2)));
        assert_eq!(pool.admit(None, 9), Admission::Reuse(InstanceId(1)));
    }
}
