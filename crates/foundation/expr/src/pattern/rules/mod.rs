//! Many patterns at once: which of them an event matches, at a cost that grows with the event and not with their number.
//!
//! Rules that begin alike share their beginning: they are a tree whose branches are what is wanted of one path, and at each
//! place of it the wanted values are looked up, not tried. `names` are the paths that any rule has, `fields` what an
//! event has at them, `values` the lookups of a place, `tree` the rest.
//!
//! The tree alone can't tell which object of a list a value belongs to, so of an event where that counts each rule that
//! is reached is tried by itself too.

mod affixes;
mod fields;
mod intervals;
mod keyed;
mod names;
#[cfg(test)]
mod tests;
mod tree;
mod values;
mod wildcards;

use std::collections::HashMap;
use std::hash::Hash;

use serde_json::Value;

use self::names::Names;
use self::tree::{Reached, Tree};
use super::{Pattern, event};

/// A map that is looked up with what is in events: seeded, so that nobody can make its keys collide.
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Patterns by the ids of the rules that have them.
#[derive(Debug)]
pub struct RuleSet<Id> {
    /// By numbers that grow as rules are added.
    rules: Map<u64, (Id, Pattern)>,
    numbers: HashMap<Id, u64>,
    next: u64,
    names: Names,
    tree: Tree,
}

impl<Id> Default for RuleSet<Id> {
    fn default() -> Self {
        Self { rules: Map::default(), numbers: HashMap::new(), next: 0, names: Names::default(), tree: Tree::default() }
    }
}

impl<Id: Clone + Eq + Hash> RuleSet<Id> {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// In the place of the pattern that `id` had, if it had one.
    pub fn add(&mut self, id: Id, pattern: Pattern) {
        self.remove(&id);
        let number = self.next;
        self.next += 1;
        for (branch, rule) in pattern.rules().iter().enumerate() {
            self.tree.add(&mut self.names, rule, (number, branch));
        }
        self.numbers.insert(id.clone(), number);
        self.rules.insert(number, (id, pattern));
    }

    /// Whether it was there.
    pub fn remove(&mut self, id: &Id) -> bool {
        let Some(number) = self.numbers.remove(id) else { return false };
        let Some((_, pattern)) = self.rules.remove(&number) else { return false };
        for (branch, rule) in pattern.rules().iter().enumerate() {
            self.tree.remove(&mut self.names, rule, (number, branch));
        }
        true
    }

    /// The rules whose pattern the event matches, in the order in which they were added.
    #[must_use]
    pub fn matching(&self, event: &Value) -> Vec<&Id> {
        let Value::Object(object) = event else { return Vec::new() };
        let reached = self.tree.reached(&self.names.fields(object));
        let mut found: Vec<u64> = reached.iter().filter(|end| self.holds(end, event)).map(|end| end.rule).collect();
        found.sort_unstable();
        found.dedup();
        found.iter().filter_map(|number| self.rules.get(number)).map(|(id, _)| id).collect()
    }

    fn holds(&self, reached: &Reached, event: &Value) -> bool {
        let rule = || self.rules.get(&reached.rule).and_then(|(_, pattern)| pattern.rules().get(reached.branch));
        !reached.unsure || rule().is_some_and(|rule| event::holds(rule, event))
    }
}

impl<Id: Clone + Eq + Hash> Extend<(Id, Pattern)> for RuleSet<Id> {
    fn extend<T: IntoIterator<Item = (Id, Pattern)>>(&mut self, rules: T) {
        for (id, pattern) in rules {
            self.add(id, pattern);
        }
    }
}

impl<Id: Clone + Eq + Hash> FromIterator<(Id, Pattern)> for RuleSet<Id> {
    fn from_iter<T: IntoIterator<Item = (Id, Pattern)>>(rules: T) -> Self {
        let mut set = Self::default();
        set.extend(rules);
        set
    }
}
