//! [`Lanes`]: who is next. Pure; what it knows is only a copy of the log, made anew after a crash.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use crate::keys::LaneId;

/// Entries of one lane in memory; the rest of a longer backlog stays in the log until these are through.
pub(crate) const LANE_CAPACITY: usize = 1_024;

/// One delivery, and the keys at which the log names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) keys: Vec<Bytes>,
}

/// What an attempt left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Its log entries are removed.
    Nothing,
    /// It stays at the head of its lane until a timer brings it back.
    Blocked,
    /// It wasn't possible to write down what came of it.
    Again,
}

#[derive(Debug, Default)]
struct Lane {
    ready: VecDeque<Entry>,
    running: Vec<Entry>,
    /// The head waits for its timer.
    blocked: bool,
}

impl Lane {
    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.running.is_empty()
    }

    /// Another entry for a delivery that is at the head: its timer has fired.
    fn nudge(&mut self, key: &Bytes, id: &str) -> bool {
        let head = if self.blocked { self.ready.front_mut() } else { self.running.first_mut() };
        let Some(head) = head.filter(|head| head.id == id) else { return false };
        if !head.keys.contains(key) {
            head.keys.push(key.clone());
            self.blocked = false;
        }
        true
    }
}

/// Everything that is ready or under way, by lane.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: HashMap<LaneId, Lane>,
    /// Lanes whose backlog is longer than what they could take, and the first key that had no room.
    spilled: HashMap<LaneId, Bytes>,
    /// Lanes that may have something to start.
    look_at: VecDeque<LaneId>,
}

impl Lanes {
    /// Takes an entry of the log.
    pub(crate) fn add(&mut self, id: LaneId, key: Bytes, delivery: String) {
        let lane = self.lanes.entry(id.clone()).or_default();
        let nudged = id.ordering_key.is_some() && lane.nudge(&key, &delivery);
        if !nudged {
            if self.spilled.contains_key(&id) {
                return;
            }
            if lane.ready.len() >= LANE_CAPACITY {
                self.spilled.insert(id, key);
                return;
            }
            lane.ready.push_back(Entry { id: delivery, keys: vec![key] });
        }
        self.look_at.push_back(id);
    }

    /// The next delivery to start, where `concurrency` tells how many of a kind may run in a lane without order.
    pub(crate) fn start(&mut self, concurrency: impl Fn(&str) -> usize) -> Option<(LaneId, Entry)> {
        while let Some(id) = self.look_at.front() {
            let limit = if id.ordering_key.is_some() { 1 } else { concurrency(&id.kind) };
            let lane = self.lanes.get_mut(id).filter(|lane| !lane.blocked && lane.running.len() < limit);
            if let Some((lane, entry)) = lane.and_then(|lane| lane.ready.pop_front().map(|entry| (lane, entry))) {
                lane.running.push(entry.clone());
                return Some((id.clone(), entry));
            }
            self.look_at.pop_front();
        }
        None
    }

    /// An attempt at `started` is over.
    pub(crate) fn finished(&mut self, id: &LaneId, started: &Entry, left: Left) {
        let Some(lane) = self.lanes.get_mut(id) else { return };
        let Some(nth) = lane.running.iter().position(|entry| entry.id == started.id) else { return };
        let mut entry = lane.running.swap_remove(nth);
        let nudged = entry.keys.len() > started.keys.len();
        match left {
            Left::Nothing => entry.keys.drain(..started.keys.len()).for_each(drop),
            Left::Blocked => lane.blocked = !nudged,
            Left::Again => {}
        }
        // Keys that came while it ran are still in the log; another attempt removes them.
        if !entry.keys.is_empty() {
            lane.ready.push_front(entry);
        }
        if lane.is_empty() {
            self.lanes.remove(id);
        } else {
            self.look_at.push_back(id.clone());
        }
    }

    /// A lane that has room again for what it spilled, and from where on. It takes entries from now on: the caller
    /// [`Self::add`]s them until the lane [`Self::is_spilled`] anew.
    pub(crate) fn refill(&mut self) -> Option<(LaneId, Bytes)> {
        let has_room = |id: &LaneId| self.lanes.get(id).is_none_or(|lane| lane.ready.is_empty());
        let id = self.spilled.keys().find(|id| has_room(id))?.clone();
        self.spilled.remove_entry(&id)
    }

    pub(crate) fn is_spilled(&self, id: &LaneId) -> bool {
        self.spilled.contains_key(id)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(target: &str, order: Option<&str>) -> LaneId {
        LaneId { kind: "k".into(), target: target.into(), ordering_key: order.map(str::to_owned) }
    }

    fn start(lanes: &mut Lanes) -> Option<Entry> {
        lanes.start(|_| 2).map(|(_, entry)| entry)
    }

    fn key(n: usize) -> Bytes {
        Bytes::copy_from_slice(&n.to_be_bytes())
    }

    #[test]
    fn a_full_lane_does_not_hold_up_another() {
        let mut lanes = Lanes::default();
        for n in 0..5 {
            lanes.add(lane("slow", None), key(n), format!("s{n}"));
        }
        lanes.add(lane("quick", None), key(9), "q".into());
        let started: Vec<_> = std::iter::from_fn(|| start(&mut lanes)).map(|entry| entry.id).collect();
        assert_eq!(started, ["s0", "s1", "q"]);
    }

    #[test]
    fn an_ordered_lane_goes_on_only_behind_its_head() {
        let mut lanes = Lanes::default();
        let id = lane("t", Some("a"));
        lanes.add(id.clone(), key(1), "first".into());
        lanes.add(id.clone(), key(2), "second".into());
        let first = start(&mut lanes).unwrap();
        assert!(start(&mut lanes).is_none(), "one at a time");
        lanes.finished(&id, &first, Left::Blocked);
        assert!(start(&mut lanes).is_none(), "the head waits for its timer");
        lanes.add(id.clone(), key(3), "first".into());
        let again = start(&mut lanes).unwrap();
        assert_eq!(again, Entry { id: "first".into(), keys: vec![key(1), key(3)] });
        lanes.finished(&id, &again, Left::Nothing);
        assert_eq!(start(&mut lanes).unwrap().id, "second");
    }

    #[test]
    fn a_timer_that_fires_while_its_delivery_is_looked_at_is_not_lost() {
        let mut lanes = Lanes::default();
        let id = lane("t", Some("a"));
        lanes.add(id.clone(), key(1), "first".into());
        let first = start(&mut lanes).unwrap();
        lanes.add(id.clone(), key(2), "first".into());
        lanes.finished(&id, &first, Left::Blocked);
        let again = start(&mut lanes).unwrap();
        assert_eq!(again.keys, [key(1), key(2)]);
        lanes.add(id.clone(), key(3), "first".into());
        lanes.finished(&id, &again, Left::Nothing);
        assert_eq!(start(&mut lanes).unwrap().keys, [key(3)], "left in the log, to be removed");
    }

    #[test]
    fn a_long_backlog_stays_in_the_log() {
        let mut lanes = Lanes::default();
        let id = lane("t", None);
        for n in 0..LANE_CAPACITY + 10 {
            lanes.add(id.clone(), key(n), format!("{n}"));
        }
        assert!(lanes.refill().is_none(), "not before there is room");
        while let Some(entry) = start(&mut lanes) {
            lanes.finished(&id, &entry, Left::Nothing);
        }
        assert_eq!(lanes.refill(), Some((id.clone(), key(LANE_CAPACITY))));
        lanes.add(id, key(LANE_CAPACITY), "next".into());
        assert_eq!(start(&mut lanes).unwrap().id, "next");
    }
}
