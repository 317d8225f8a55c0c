//! The branches at one place for one path: those that want a value are looked up by it.

use serde_json::Value;

use super::Map;
use super::affixes::{Affixes, Side};
use super::fields::Leaf;
use super::intervals::{AddressPlace, Intervals, NumberPlace, address_place};
use super::keyed::{self, Ids, Keyed};
use super::wildcards::Wildcards;
use crate::pattern::matcher::Matcher;

/// Most branches want certain texts; what there is for others is made when one comes.
#[derive(Debug, Default)]
pub(super) struct Values {
    texts: Keyed<String>,
    others: Option<Box<Others>>,
}

#[derive(Debug)]
struct Others {
    ignoring_case: Keyed<String>,
    prefixes: Affixes,
    suffixes: Affixes,
    prefixes_ignoring_case: Affixes,
    suffixes_ignoring_case: Affixes,
    wildcards: Wildcards,
    blocks: Intervals<AddressPlace>,
    numbers: Keyed<i64>,
    /// Numbers that can't be compared but by how they are written.
    written: Keyed<String>,
    ranges: Intervals<NumberPlace>,
    bools: Keyed<bool>,
    nulls: Ids,
    anything: Ids,
    anything_but: AnythingBut,
}

/// `anything-but`: whatever isn't found among what isn't wanted.
#[derive(Debug, Default)]
struct AnythingBut {
    /// One for each time it is wanted, with its branch.
    all: Map<usize, usize>,
    numbers: Map<(usize, Vec<Matcher>), usize>,
    next: usize,
    unwanted: Values,
}

impl Values {
    pub(super) fn set(&mut self, matcher: &Matcher, id: usize, wanted: bool) {
        match matcher {
            Matcher::Text(text) => {
                self.texts.set(text.clone(), id, wanted);
                self.texts.tidy(text.as_str());
            }
            Matcher::Absent => {}
            other => self.others.get_or_insert_default().set(other, id, wanted),
        }
    }

    /// Branches may be found more than once.
    pub(super) fn find(&self, leaf: &Leaf, found: &mut Ids) {
        if let Value::String(text) = leaf.value {
            found.extend_from_slice(self.texts.of(text.as_str()));
        }
        if let Some(others) = &self.others {
            others.find(leaf, found);
        }
    }
}

impl Default for Others {
    fn default() -> Self {
        Self {
            ignoring_case: Keyed::default(),
            prefixes: Affixes::new(Side::Beginning),
            suffixes: Affixes::new(Side::End),
            prefixes_ignoring_case: Affixes::new(Side::Beginning),
            suffixes_ignoring_case: Affixes::new(Side::End),
            wildcards: Wildcards::default(),
            blocks: Intervals::default(),
            numbers: Keyed::default(),
            written: Keyed::default(),
            ranges: Intervals::default(),
            bools: Keyed::default(),
            nulls: Ids::new(),
            anything: Ids::new(),
            anything_but: AnythingBut::default(),
        }
    }
}

impl Others {
    fn set(&mut self, matcher: &Matcher, id: usize, wanted: bool) {
        match matcher {
            Matcher::Text(_) | Matcher::Absent => {}
            Matcher::Number { value: Some(value), .. } => set(&mut self.numbers, *value, id, wanted),
            Matcher::Number { value: None, text } => set(&mut self.written, text.clone(), id, wanted),
            Matcher::Bool(value) => set(&mut self.bools, *value, id, wanted),
            Matcher::Null => keyed::set(&mut self.nulls, id, wanted),
            Matcher::Prefix(text) => self.prefixes.set(text, id, wanted),
            Matcher::Suffix(text) => self.suffixes.set(text, id, wanted),
            Matcher::IgnoreCase(text) => set(&mut self.ignoring_case, text.clone(), id, wanted),
            Matcher::PrefixIgnoreCase(text) => self.prefixes_ignoring_case.set(text, id, wanted),
            Matcher::SuffixIgnoreCase(text) => self.suffixes_ignoring_case.set(text, id, wanted),
            Matcher::Wildcard(wildcard) => self.wildcards.set(wildcard, id, wanted),
            Matcher::Range(range) => {
                let ((low, with_low), (high, with_high)) = range.ends();
                self.ranges.set((low, !with_low)..(high, with_high), id, wanted);
            }
            Matcher::Cidr(block) => {
                let (first, last) = block.ends();
                self.blocks.set(address_place(first, false)..address_place(last, true), id, wanted);
            }
            Matcher::Exists => keyed::set(&mut self.anything, id, wanted),
            Matcher::AnythingBut(unwanted) => self.anything_but.set(unwanted, id, wanted),
        }
    }

    fn find(&self, leaf: &Leaf, found: &mut Ids) {
        found.extend_from_slice(&self.anything);
        match leaf.value {
            Value::String(text) => self.find_by_text(text, leaf, found),
            Value::Number(_) => self.find_by_number(leaf, found),
            Value::Bool(value) => found.extend_from_slice(self.bools.of(value)),
            _ => found.extend_from_slice(&self.nulls),
        }
        self.anything_but.find(leaf, found);
    }

    fn find_by_text(&self, text: &str, leaf: &Leaf, found: &mut Ids) {
        self.prefixes.find(text, found);
        self.suffixes.find(text, found);
        self.wildcards.find(text, found);
        if !self.ignoring_case.is_empty() {
            found.extend_from_slice(self.ignoring_case.of(leaf.small()));
        }
        for affixes in [&self.prefixes_ignoring_case, &self.suffixes_ignoring_case] {
            if !affixes.is_empty() {
                affixes.find(leaf.small(), found);
            }
        }
        if !self.blocks.is_empty()
            && let Some(address) = leaf.address()
        {
            self.blocks.find(address_place(address, false), found);
        }
    }

    fn find_by_number(&self, leaf: &Leaf, found: &mut Ids) {
        if self.numbers.is_empty() && self.written.is_empty() && self.ranges.is_empty() {
            return;
        }
        let (text, value) = leaf.number();
        found.extend_from_slice(self.written.of(text.as_str()));
        if let Some(value) = value {
            found.extend_from_slice(self.numbers.of(value));
            self.ranges.find((*value, false), found);
        }
    }
}

fn set<K: Clone + Eq + std::hash::Hash>(keyed: &mut Keyed<K>, key: K, id: usize, wanted: bool) {
    keyed.set(key.clone(), id, wanted);
    keyed.tidy(&key);
}

impl AnythingBut {
    fn set(&mut self, unwanted: &[Matcher], id: usize, wanted: bool) {
        let key = (id, unwanted.to_vec());
        let number = if wanted {
            let number = self.next;
            self.next += 1;
            self.all.insert(number, id);
            self.numbers.insert(key, number);
            number
        } else {
            let Some(number) = self.numbers.remove(&key) else { return };
            self.all.remove(&number);
            number
        };
        for matcher in unwanted {
            self.unwanted.set(matcher, number, wanted);
        }
    }

    fn find(&self, leaf: &Leaf, found: &mut Ids) {
        if self.all.is_empty() {
            return;
        }
        let mut refused = Ids::new();
        self.unwanted.find(leaf, &mut refused);
        refused.sort_unstable();
        let wanted = self.all.iter().filter(|(number, _)| refused.binary_search(number).is_err());
        found.extend(wanted.map(|(_, id)| *id));
    }
}
