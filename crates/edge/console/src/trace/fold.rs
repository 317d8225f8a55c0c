//! From events to visits. Each event names the one before it on its way, which is where it happened.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::event::{Event, Fault};
use super::outcome::Outcome;
use super::visit::{Inside, Pick, Visit};

#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) visits: Vec<Visit>,
    /// By the names of states.
    pub(crate) by_name: HashMap<String, Vec<usize>>,
    /// Where each event happened.
    places: HashMap<u64, Place>,
    open: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    inside: Inside,
    visit: Option<usize>,
}

/// What the events come to.
pub(crate) fn fold(events: &[Event]) -> Trace {
    let mut trace = Trace::default();
    for event in events {
        let before = trace.places.get(&event.previous).copied().unwrap_or_default();
        let place = trace.take(event, before);
        trace.places.insert(event.id, place);
    }
    trace
}

impl Trace {
    fn take(&mut self, event: &Event, before: Place) -> Place {
        match event.kind.as_str() {
            kind if kind.ends_with("StateEntered") => self.enter(event, before),
            kind if kind.ends_with("StateExited") => self.exit(event, before),
            "MapIterationStarted" => self.item(event, before, Outcome::Running),
            "MapIterationSucceeded" => self.item(event, before, Outcome::Succeeded),
            "MapIterationFailed" => self.item(event, before, Outcome::Failed),
            "MapIterationAborted" => self.item(event, before, Outcome::Aborted),
            "ExecutionFailed" | "ExecutionTimedOut" => self.end(event, before, Outcome::Failed),
            "ExecutionAborted" => self.end(event, before, Outcome::Aborted),
            kind if kind.starts_with("Execution") => before,
            kind if kind.starts_with("MapState") || kind.starts_with("MapRun") => self.of_kind(event, before, "Map"),
            kind if kind.starts_with("ParallelState") => self.of_kind(event, before, "Parallel"),
            // AWS: what is given up follows, in its events, what had failed.
            kind if kind.ends_with("StateAborted") => before,
            _ => self.within(event, self.at_work(event, before), before),
        }
    }

    fn enter(&mut self, event: &Event, before: Place) -> Place {
        let open = before.visit.filter(|at| self.visits.get(*at).is_some_and(Visit::is_open));
        let inside = open.map_or(before.inside, |at| Some((at, None)));
        let visit = Visit {
            entered: event.id,
            name: event.name.clone(),
            kind: event.kind.trim_end_matches("StateEntered").to_owned(),
            from: event.at,
            to: None,
            exited: None,
            outcome: Outcome::Running,
            inside,
            tries: 0,
            fault: None,
            items: BTreeMap::new(),
        };
        let at = self.visits.len();
        self.by_name.entry(visit.name.clone()).or_default().push(at);
        self.visits.push(visit);
        self.open.insert(at);
        Place { inside, visit: Some(at) }
    }

    fn exit(&mut self, event: &Event, before: Place) -> Place {
        let Some(at) = self.climb(before, |visit| visit.name == event.name) else { return before };
        let Some(visit) = self.visits.get_mut(at) else { return before };
        visit.exited = Some(event.id);
        let inside = visit.inside;
        let outcome = if visit.fault.is_some() { Outcome::Caught } else { Outcome::Succeeded };
        self.close(at, event.at, outcome);
        Place { inside, visit: Some(at) }
    }

    fn item(&mut self, event: &Event, before: Place, outcome: Outcome) -> Place {
        // Redriven, it follows the execution's beginning anew, which is within no map.
        let last = || self.by_name.get(&event.name)?.last().copied();
        let map = self.climb(before, |visit| visit.kind == "Map" && visit.name == event.name).or_else(last);
        let (Some(map), Some(index)) = (map, event.index) else { return before };
        let Some(visit) = self.visits.get_mut(map) else { return before };
        visit.items.insert(index, outcome);
        let inside = visit.inside;
        if outcome == Outcome::Running {
            self.reopen(map);
            return Place { inside: Some((map, Some(index))), visit: None };
        }
        self.give_up((map, Some(index)), event.at, (before, outcome));
        Place { inside, visit: Some(map) }
    }

    fn of_kind(&mut self, event: &Event, before: Place, kind: &str) -> Place {
        let found = self.climb(before, |visit| visit.kind == kind);
        if let Some(at) = found
            && ["Failed", "Aborted", "TimedOut"].iter().any(|end| event.kind.ends_with(end))
        {
            self.give_up((at, None), event.at, (before, Outcome::Failed));
        }
        self.within(event, found, before)
    }

    /// An event of a visit.
    fn within(&mut self, event: &Event, visit: Option<usize>, before: Place) -> Place {
        let cause = before.visit.and_then(|at| self.visits.get(at)?.fault.clone());
        if let Some(at) = visit.filter(|_| event.begins()) {
            self.reopen(at);
        }
        let Some((at, visit)) = visit.and_then(|at| Some((at, self.visits.get_mut(at)?))) else { return before };
        if event.begins() {
            visit.tries += 1;
            visit.fault = None;
        }
        if let Some(fault) = &event.fault {
            // That of a map or of branches is that of what failed in it.
            let own = Some(fault.clone()).filter(|fault| !fault.error.is_empty());
            visit.fault = own.or(cause).or_else(|| Some(fault.clone()));
        }
        Place { inside: visit.inside, visit: Some(at) }
    }

    /// The visit that an event is of. What is redriven is tried again without being entered: that is of the last visit which
    /// didn't come to its end there.
    fn at_work(&self, event: &Event, before: Place) -> Option<usize> {
        let calls = |at: &usize| self.visits.get(*at).is_some_and(|visit| visit.kind == "Task");
        if !event.begins() || before.visit.as_ref().is_some_and(calls) {
            return before.visit;
        }
        let given_up = |visit: &Visit| matches!(visit.outcome, Outcome::Failed | Outcome::Aborted);
        let there = |visit: &Visit| before.visit.is_some() || visit.inside == before.inside;
        let mut tasks = self.visits.iter().enumerate().rev();
        tasks.find(|(at, visit)| calls(at) && given_up(visit) && there(visit)).map(|(at, _)| at).or(before.visit)
    }

    /// It goes on, and so does what it is within.
    fn reopen(&mut self, at: usize) {
        for at in self.way_up(Place { inside: None, visit: Some(at) }) {
            if let Some(visit) = self.visits.get_mut(at) {
                (visit.outcome, visit.to) = (Outcome::Running, None);
                self.open.insert(at);
            }
        }
    }

    fn end(&mut self, event: &Event, before: Place, outcome: Outcome) -> Place {
        for at in self.way_up(before) {
            if self.open.contains(&at) {
                self.close(at, event.at, outcome);
                let fault = self.visits.get_mut(at).map(|visit| &mut visit.fault).filter(|fault| fault.is_none());
                if let (Some(fault), Some(told)) = (fault, &event.fault) {
                    *fault = Some(told.clone());
                }
            }
        }
        for at in std::mem::take(&mut self.open) {
            self.close(at, event.at, Outcome::Aborted);
        }
        before
    }

    /// Ends what is open within: what failed, up from where that was noticed, and the others with it.
    fn give_up(&mut self, within: (usize, Option<u32>), now: i64, (from, outcome): (Place, Outcome)) {
        let failing = self.way_up(from);
        let open: Vec<usize> = self.open.iter().copied().filter(|at| self.is_within(*at, within)).collect();
        for at in open {
            let outcome = if failing.contains(&at) { outcome } else { Outcome::Aborted };
            self.close(at, now, outcome);
        }
        if let (Some(map), None) = (self.visits.get_mut(within.0), within.1) {
            let running = map.items.values_mut().filter(|item| **item == Outcome::Running);
            running.for_each(|item| *item = Outcome::Aborted);
        }
    }

    fn close(&mut self, at: usize, now: i64, outcome: Outcome) {
        if let Some(visit) = self.visits.get_mut(at) {
            (visit.to, visit.outcome) = (Some(now), outcome);
            self.open.remove(&at);
        }
    }

    /// The visits around a place, the nearest first.
    fn way_up(&self, place: Place) -> Vec<usize> {
        let mut next = place.visit.or(place.inside.map(|(at, _)| at));
        let step = |at: usize| self.visits.get(at).and_then(|visit| visit.inside).map(|(at, _)| at);
        std::iter::from_fn(|| {
            let now = next?;
            next = step(now);
            Some(now)
        })
        .collect()
    }

    /// The nearest open visit around a place that fits, or else the nearest of all that does.
    fn climb(&self, place: Place, fits: impl Fn(&Visit) -> bool) -> Option<usize> {
        let mut way = self.way_up(place).into_iter().filter(|at| self.visits.get(*at).is_some_and(&fits));
        let first = way.next()?;
        Some(std::iter::once(first).chain(way).find(|at| self.open.contains(at)).unwrap_or(first))
    }

    fn is_within(&self, visit: usize, (outer, item): (usize, Option<u32>)) -> bool {
        let mut inside = self.visits.get(visit).and_then(|visit| visit.inside);
        while let Some((at, index)) = inside {
            if at == outer {
                return item.is_none() || index == item;
            }
            inside = self.visits.get(at).and_then(|visit| visit.inside);
        }
        false
    }

    /// Which visit an event is of.
    pub(crate) fn visit_of(&self, event: u64) -> Option<usize> {
        self.places.get(&event)?.visit
    }

    /// Whether a visit is looked at: all are that aren't within another item of the same map.
    pub(crate) fn is_picked(&self, visit: usize, pick: Option<Pick>) -> bool {
        pick.is_none_or(|pick| {
            !self.is_within(visit, (pick.map, None)) || self.is_within(visit, (pick.map, Some(pick.item)))
        })
    }

    /// The items of maps around a visit, the outermost last.
    pub(crate) fn items_around(&self, visit: usize) -> Vec<Pick> {
        let mut inside = self.visits.get(visit).and_then(|visit| visit.inside);
        let mut found = Vec::new();
        while let Some((map, index)) = inside {
            found.extend(index.map(|item| Pick { map, item }));
            inside = self.visits.get(map).and_then(|visit| visit.inside);
        }
        found
    }

    /// The innermost visit that failed, with why.
    pub(crate) fn culprit(&self) -> Option<(usize, Fault)> {
        let failed = self.visits.iter().enumerate().filter(|(_, visit)| visit.outcome == Outcome::Failed);
        let deep = failed.filter_map(|(at, visit)| Some((at, visit.fault.clone()?)));
        deep.max_by_key(|(at, _)| (self.items_around(*at).len(), *at))
    }

    /// The visits whose variables a visit found: those that were left before it, on its way or around it.
    pub(crate) fn left_before(&self, visit: usize) -> Vec<usize> {
        let Some(of) = self.visits.get(visit) else { return Vec::new() };
        let around: Vec<Inside> = std::iter::successors(Some(of.inside), |inside| {
            inside.map(|(at, _)| self.visits.get(at).and_then(|visit| visit.inside))
        })
        .collect();
        let before = |visit: &Visit| visit.exited.is_some_and(|exited| exited < of.entered);
        let seen = self.visits.iter().enumerate().filter(|(_, visit)| before(visit) && around.contains(&visit.inside));
        seen.map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
