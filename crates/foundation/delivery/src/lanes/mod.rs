//! [`Lanes`]: who is next. Pure; what it knows is only a copy of the log, made anew after a crash.
//!
//! Memory is bounded on three levels, so that a long backlog of one neither takes it all nor delays the others: per
//! lane, per target, and in all. What has no room stays in the log ([`LeftInLog`]). The invariant: every entry that was
//! read and isn't in memory lies in a scope that is left in the log, at or behind that scope's key.

mod lane;
mod left;
mod load;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use updraft_store::Topic;

use self::lane::{Lane, Nudge};
use self::left::LeftInLog;
pub(crate) use self::left::Scope;
use self::load::{Load, Room};
use crate::keys::LaneId;

/// One delivery, and the keys at which the log names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) keys: Vec<Bytes>,
}

/// An entry of the log, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) lane: LaneId,
    pub(crate) key: Bytes,
    pub(crate) id: String,
}

/// What an attempt left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Its log entries are removed.
    Nothing,
    /// It stays at the head of its lane until a timer brings it back.
    Blocked,
    /// It is to be looked at anew.
    Again,
    /// Another node has taken over: nothing was written down.
    Lost,
}

/// Of a kind and a target. Two that collide share their room, which only costs speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TargetId(u64);

impl TargetId {
    pub(crate) fn of(lane: &LaneId) -> Self {
        Self(Topic::of(&[lane.kind.as_bytes(), lane.target.as_bytes()]).0)
    }
}

/// Everything that is ready or under way, by lane.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    room: Room,
    lanes: HashMap<Arc<LaneId>, Lane>,
    targets: HashMap<TargetId, Load>,
    all: Load,
    left: LeftInLog,
    /// Lanes that may have something to start.
    look_at: VecDeque<Arc<LaneId>>,
}

impl Lanes {
    /// Takes the next entry of the log, or leaves it there.
    pub(crate) fn add(&mut self, logged: Logged) {
        if let Some((scope, key)) = self.take(logged) {
            self.left.leave(scope, &key);
        }
    }

    /// Gives back what has no room, and in which scope.
    fn take(&mut self, logged: Logged) -> Option<(Scope, Bytes)> {
        let Logged { lane: id, key, id: delivery } = logged;
        let target = TargetId::of(&id);
        if let Some(lane) = self.lanes.get_mut(&id) {
            if key <= lane.taken_to {
                return None;
            }
            if id.ordering_key.is_some() {
                match lane.nudge(&key, &delivery) {
                    Nudge::Not => {}
                    Nudge::Known => return None,
                    Nudge::Back { was_blocked } => {
                        self.unblocked(&Arc::new(id), target, was_blocked);
                        return None;
                    }
                }
            }
        }
        let id = Arc::new(id);
        if let Some(scope) = self.refusal(&id, target) {
            return Some((scope, key));
        }
        let lane = self.lanes.entry(Arc::clone(&id)).or_default();
        lane.taken_to = key.clone();
        lane.ready.push_back(Entry { id: delivery, keys: vec![key] });
        self.all.entries += 1;
        self.targets.entry(target).or_default().entries += 1;
        self.queue(&id);
        None
    }

    fn unblocked(&mut self, id: &Arc<LaneId>, target: TargetId, was_blocked: bool) {
        if was_blocked {
            self.all.blocked -= 1;
            self.targets.entry(target).or_default().blocked -= 1;
        }
        self.queue(id);
    }

    /// The widest scope that has no room for another entry of this lane.
    fn refusal(&self, id: &Arc<LaneId>, target: TargetId) -> Option<Scope> {
        if self.room.is_full(&self.all) || self.is_left(|| Scope::All) {
            return Some(Scope::All);
        }
        let full = self.targets.get(&target).is_some_and(|load| self.room.is_full_for(load));
        if full || self.is_left(|| Scope::Target(target)) {
            return Some(Scope::Target(target));
        }
        let full = self.lanes.get(id).is_some_and(|lane| lane.blocked || lane.ready.len() >= self.room.lane);
        (full || self.is_left(|| Scope::Lane(Arc::clone(id)))).then(|| Scope::Lane(Arc::clone(id)))
    }

    fn is_left(&self, scope: impl Fn() -> Scope) -> bool {
        !self.left.is_empty() && self.left.contains(&scope())
    }

    fn queue(&mut self, id: &Arc<LaneId>) {
        if let Some(lane) = self.lanes.get_mut(id).filter(|lane| !lane.queued) {
            lane.queued = true;
            self.look_at.push_back(Arc::clone(id));
        }
    }

    /// The next delivery to start, where `concurrency` tells how many of a kind may be under way to one target. Lanes
    /// take turns.
    pub(crate) fn start(&mut self, concurrency: impl Fn(&str) -> usize) -> Option<(Arc<LaneId>, Entry)> {
        while self.all.running < self.room.under_way {
            let id = self.look_at.pop_front()?;
            let target = TargetId::of(&id);
            let load = self.targets.entry(target).or_default();
            if load.running >= concurrency(&id.kind).max(1) {
                // Stays queued, at its target.
                load.waiting.push_back(id);
                continue;
            }
            let Some(entry) = self.start_in(&id) else {
                // Its target's room is for the next one that waits for it.
                self.wake_one(target);
                continue;
            };
            self.all.running += 1;
            self.targets.entry(target).or_default().running += 1;
            self.queue(&id);
            return Some((id, entry));
        }
        None
    }

    fn start_in(&mut self, id: &Arc<LaneId>) -> Option<Entry> {
        let lane = self.lanes.get_mut(id)?;
        lane.queued = false;
        if lane.blocked || id.ordering_key.is_some() && !lane.running.is_empty() {
            return None;
        }
        let entry = lane.ready.pop_front()?;
        lane.running.push(entry.clone());
        Some(entry)
    }

    fn wake_one(&mut self, target: TargetId) {
        let Some(load) = self.targets.get_mut(&target) else { return };
        match load.waiting.pop_front() {
            Some(id) => self.look_at.push_back(id),
            None if load.entries == 0 => drop(self.targets.remove(&target)),
            None => {}
        }
    }

    /// An attempt at `started` is over.
    pub(crate) fn finished(&mut self, id: &Arc<LaneId>, started: &Entry, left: Left) {
        let target = TargetId::of(id);
        let Some(lane) = self.lanes.get_mut(id) else { return };
        // Two of one id may be under way, of which the log names the second since the first went to wait.
        let is_it = |entry: &Entry| entry.id == started.id && entry.keys.starts_with(&started.keys);
        let Some(nth) = lane.running.iter().position(is_it) else { return };
        let before = lane.len();
        let mut entry = lane.running.swap_remove(nth);
        let nudged = entry.keys.len() > started.keys.len();
        match left {
            Left::Nothing => drop(entry.keys.drain(..started.keys.len())),
            Left::Blocked => lane.blocked = !nudged,
            Left::Again | Left::Lost => {}
        }
        // Keys that came while it ran are still in the log; another attempt removes them.
        if !entry.keys.is_empty() {
            lane.ready.push_front(entry);
        }
        let followers = if lane.blocked { lane.leave_followers() } else { None };
        let (gone, blocked, is_empty) = (before - lane.len(), lane.blocked, lane.is_empty());
        for load in [&mut self.all, self.targets.entry(target).or_default()] {
            load.running -= 1;
            load.entries -= gone;
            load.blocked += usize::from(blocked);
        }
        if let Some(from) = followers {
            self.left.leave(Scope::Lane(Arc::clone(id)), &from);
        }
        if is_empty {
            self.lanes.remove(id);
        } else {
            self.queue(id);
        }
        self.wake_one(target);
    }

    /// What is to be read again from the log, and from where on: it has room now. The caller reads a page and hands it
    /// to [`Self::refill`].
    pub(crate) fn wanted(&self) -> Option<(Scope, Bytes)> {
        if self.left.is_empty() {
            return None;
        }
        let scope = self.left.scopes().find(|scope| self.has_room(scope) && self.has_room_around(scope))?;
        self.left.from(scope, |other| self.has_room(other)).map(|from| (scope.clone(), from))
    }

    /// Whether it is worth while to read for this scope again: there is room for a good part of what fits.
    fn has_room(&self, scope: &Scope) -> bool {
        match scope {
            Scope::All => self.room.has_room(&self.all),
            Scope::Target(target) => self.targets.get(target).is_none_or(|load| self.room.has_room_for(load)),
            Scope::Lane(id) => self.lanes.get(id).is_none_or(|lane| lane.ready.is_empty()),
        }
    }

    /// Whether the wider scopes let anything in.
    fn has_room_around(&self, scope: &Scope) -> bool {
        let target = match scope {
            Scope::All => return true,
            Scope::Target(_) => return !self.is_left(|| Scope::All) && !self.room.is_full(&self.all),
            Scope::Lane(id) => TargetId::of(id),
        };
        let full = self.targets.get(&target).is_some_and(|load| self.room.is_full_for(load));
        !full && !self.is_left(|| Scope::Target(target)) && self.has_room_around(&Scope::Target(target))
    }

    /// Takes what was read of the log for `scope`. `rest`: the key at which the part of the log that was read before
    /// goes on behind this page.
    pub(crate) fn refill(&mut self, scope: &Scope, page: Vec<Logged>, rest: Option<&Bytes>) {
        let with: Vec<_> = self.left.scopes().filter(|other| self.has_room(other)).cloned().collect();
        self.left.take(scope, |other| with.contains(other));
        for logged in page.into_iter().filter(|logged| scope.contains(&logged.lane)) {
            let Some((full, key)) = self.take(logged) else { continue };
            if matches!((scope, &full), (Scope::All, Scope::Target(_) | Scope::Lane(_)))
                || matches!((scope, &full), (Scope::Target(_), Scope::Lane(_)))
            {
                self.left.leave(full, &key);
                continue;
            }
            // No room for more of this scope: all that is left of it is left from here on.
            return self.left.leave(scope.clone(), &key);
        }
        if let Some(rest) = rest {
            self.left.leave(scope.clone(), rest);
        }
    }

    /// How many attempts are under way to others than these targets.
    pub(crate) fn running_beside(&self, targets: &HashSet<TargetId>) -> usize {
        let beside = |load: usize, target| load - self.targets.get(target).map_or(0, |load| load.running);
        targets.iter().fold(self.all.running, beside)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self { room: self.room, ..Self::default() };
    }
}
