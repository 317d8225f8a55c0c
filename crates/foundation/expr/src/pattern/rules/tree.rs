//! The tree of what rules want: each place is what a rule wants of some paths, and a rule ends where it wants no more.

use std::sync::Arc;

use slab::Slab;

use super::Map;
use super::fields::{Field, Fields};
use super::names::{Names, PathId};
use super::values::Values;
use crate::pattern::Rule;
use crate::pattern::matcher::Matcher;

/// What one of the values at a path has to be.
type Wanted = Arc<[Matcher]>;
/// A rule's number, and which of its pattern's branches.
pub(super) type End = (u64, usize);

#[derive(Debug, Default)]
pub(super) struct Tree {
    places: Slab<Place>,
    /// None before the first rule.
    root: Option<usize>,
}

#[derive(Debug, Default)]
struct Place {
    /// The place before, and what this one wants more.
    before: Option<(usize, Step)>,
    ends: Vec<End>,
    /// What is wanted next.
    next: Map<PathId, Branches>,
    /// The same, where it may be that nothing is there.
    next_or_absent: Map<PathId, Branches>,
}

#[derive(Debug, Default)]
struct Branches {
    places: Map<Wanted, usize>,
    values: Values,
}

#[derive(Clone, Debug)]
struct Step {
    path: PathId,
    wanted: Wanted,
}

/// A rule that may match an event.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) rule: u64,
    pub(super) branch: usize,
    /// Whether it has to be tried by itself.
    pub(super) unsure: bool,
}

/// Where a search has come to.
#[derive(Clone, Copy, Debug)]
struct Way {
    place: usize,
    /// How many of the values on the way are in objects in lists.
    in_lists: usize,
    unsure: bool,
}

impl Step {
    fn may_be_absent(&self) -> bool {
        self.wanted.contains(&Matcher::Absent)
    }
}

impl Place {
    fn next(&mut self, step: &Step) -> &mut Map<PathId, Branches> {
        if step.may_be_absent() { &mut self.next_or_absent } else { &mut self.next }
    }

    fn is_unused(&self) -> bool {
        self.ends.is_empty() && self.next.is_empty() && self.next_or_absent.is_empty()
    }
}

impl Tree {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn add(&mut self, names: &mut Names, rule: &Rule, end: End) {
        let root = match self.root {
            Some(root) => root,
            None => self.places.insert(Place::default()),
        };
        self.root = Some(root);
        let steps = steps(rule, |path| Some(names.claim(path)));
        let last = steps.into_iter().fold(root, |at, step| self.grow(at, step));
        if let Some(place) = self.places.get_mut(last) {
            place.ends.push(end);
        }
    }

    pub(super) fn remove(&mut self, names: &mut Names, rule: &Rule, end: End) {
        let steps = steps(rule, |path| names.find(path));
        let mut last = steps.iter().try_fold(self.root, |at, step| self.step(at?, step).map(Some)).flatten();
        if let Some(place) = last.and_then(|at| self.places.get_mut(at)) {
            place.ends.retain(|other| *other != end);
        }
        while let Some(at) = last.filter(|at| self.places.get(*at).is_some_and(Place::is_unused)) {
            last = self.cut(at);
        }
        steps.iter().for_each(|step| names.release(step.path));
    }

    fn step(&mut self, at: usize, step: &Step) -> Option<usize> {
        self.places.get_mut(at)?.next(step).get(&step.path)?.places.get(&step.wanted).copied()
    }

    fn grow(&mut self, at: usize, step: Step) -> usize {
        if let Some(place) = self.step(at, &step) {
            return place;
        }
        let new = self.places.insert(Place { before: Some((at, step.clone())), ..Place::default() });
        if let Some(place) = self.places.get_mut(at) {
            let branches = place.next(&step).entry(step.path).or_default();
            step.wanted.iter().for_each(|matcher| branches.values.set(matcher, new, true));
            branches.places.insert(step.wanted, new);
        }
        new
    }

    /// Takes away a place that nothing is at; answers the one before it.
    fn cut(&mut self, at: usize) -> Option<usize> {
        let Some((before, step)) = self.places.remove(at).before else {
            self.root = None;
            return None;
        };
        let next = self.places.get_mut(before)?.next(&step);
        let branches = next.get_mut(&step.path)?;
        branches.places.remove(&step.wanted);
        if branches.places.is_empty() {
            next.remove(&step.path);
        } else {
            step.wanted.iter().for_each(|matcher| branches.values.set(matcher, at, false));
        }
        Some(before)
    }

    /// The rules that may match an event, and each that does.
    pub(super) fn reached(&self, fields: &Fields) -> Vec<Reached> {
        let mut reached = Vec::new();
        let mut ways: Vec<Way> =
            self.root.iter().map(|root| Way { place: *root, in_lists: 0, unsure: fields.dotted }).collect();
        while let Some(way) = ways.pop() {
            let Some(place) = self.places.get(way.place) else { continue };
            let unsure = way.unsure || way.in_lists > 1;
            reached.extend(place.ends.iter().map(|(rule, branch)| Reached { rule: *rule, branch: *branch, unsure }));
            place.go_on(way, fields, &mut ways);
        }
        reached
    }
}

impl Place {
    fn go_on(&self, way: Way, fields: &Fields, ways: &mut Vec<Way>) {
        if self.next.len() <= fields.by_path.len() {
            let there = self.next.iter().filter_map(|(path, next)| Some((next, fields.by_path.get(path)?)));
            there.for_each(|(next, field)| next.go_on(way, field, ways));
        } else {
            let there = fields.by_path.iter().filter_map(|(path, field)| Some((self.next.get(path)?, field)));
            there.for_each(|(next, field)| next.go_on(way, field, ways));
        }
        for (path, next) in &self.next_or_absent {
            match fields.by_path.get(path) {
                None => ways.extend(next.places.values().map(|place| Way { place: *place, ..way })),
                // In another object of the list there may be nothing, or where else the path leads to.
                Some(field) if field.in_list || fields.dotted => {
                    ways.extend(next.places.values().map(|place| Way { place: *place, unsure: true, ..way }));
                }
                Some(field) => next.go_on(way, field, ways),
            }
        }
    }
}

impl Branches {
    fn go_on(&self, way: Way, field: &Field, ways: &mut Vec<Way>) {
        let mut found = Vec::new();
        field.leaves.iter().for_each(|leaf| self.values.find(leaf, &mut found));
        found.sort_unstable();
        found.dedup();
        let in_lists = way.in_lists + usize::from(field.in_list);
        ways.extend(found.into_iter().map(|place| Way { place, in_lists, ..way }));
    }
}

/// What a rule wants, path by path. What few events have comes first, so that most ways end early, and else rules that
/// want the same want it in the same order.
fn steps(rule: &Rule, mut id: impl FnMut(&str) -> Option<PathId>) -> Vec<Step> {
    let mut fields: Vec<_> = rule.iter().map(|(path, tests)| (commonness(&tests.any_of), path, tests)).collect();
    fields.sort_by_key(|(commonness, path, _)| (*commonness, *path));
    let steps = fields.into_iter().filter_map(|(_, path, tests)| {
        let mut wanted = tests.any_of.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        Some(Step { path: id(path)?, wanted: wanted.into() })
    });
    steps.collect()
}

fn commonness(wanted: &[Matcher]) -> u8 {
    let each = wanted.iter().map(|matcher| match matcher {
        Matcher::Text(_) | Matcher::Number { .. } | Matcher::IgnoreCase(_) => 0,
        Matcher::Bool(_) | Matcher::Null => 1,
        Matcher::Exists | Matcher::AnythingBut(_) => 3,
        Matcher::Absent => 4,
        _ => 2,
    });
    each.max().unwrap_or_default()
}
