//! The paths that rules have, as a tree of their names, so that what no rule asks for is passed over in an event.

use serde_json::{Map as Object, Value};
use slab::Slab;

use super::Map;
use super::fields::{Fields, Leaf};

/// A path's place in the tree.
pub(super) type PathId = usize;

#[derive(Debug, Default)]
struct Name {
    /// None: it is the first of its path.
    before: Option<usize>,
    text: String,
    behind: Map<String, usize>,
    /// How many fields of rules have the path that ends here.
    uses: usize,
}

#[derive(Debug, Default)]
pub(super) struct Names {
    first: Map<String, usize>,
    names: Slab<Name>,
}

impl Names {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.first.is_empty()
    }

    /// A path gets one more user; see [`Self::release`].
    pub(super) fn claim(&mut self, path: &str) -> PathId {
        let mut at = None;
        for text in path.split('.') {
            at = Some(self.step(at, text).unwrap_or_else(|| self.grow(at, text)));
        }
        let at = at.unwrap_or_default();
        if let Some(name) = self.names.get_mut(at) {
            name.uses += 1;
        }
        at
    }

    pub(super) fn find(&self, path: &str) -> Option<PathId> {
        self.along(None, path)
    }

    pub(super) fn release(&mut self, path: PathId) {
        if let Some(name) = self.names.get_mut(path) {
            name.uses = name.uses.saturating_sub(1);
        }
        let mut last = Some(path);
        while let Some(at) = last.filter(|at| self.is_unused(*at)) {
            let Name { before, text, .. } = self.names.remove(at);
            if let Some(behind) = self.behind(before) {
                behind.remove(&text);
            }
            last = before;
        }
    }

    fn is_unused(&self, at: usize) -> bool {
        self.names.get(at).is_some_and(|name| name.uses == 0 && name.behind.is_empty())
    }

    fn behind(&mut self, before: Option<usize>) -> Option<&mut Map<String, usize>> {
        match before {
            None => Some(&mut self.first),
            Some(at) => self.names.get_mut(at).map(|name| &mut name.behind),
        }
    }

    fn step(&self, before: Option<usize>, text: &str) -> Option<usize> {
        let behind = match before {
            None => &self.first,
            Some(at) => &self.names.get(at)?.behind,
        };
        behind.get(text).copied()
    }

    fn grow(&mut self, before: Option<usize>, text: &str) -> usize {
        let at = self.names.insert(Name { before, text: text.to_owned(), ..Name::default() });
        if let Some(behind) = self.behind(before) {
            behind.insert(text.to_owned(), at);
        }
        at
    }

    fn along(&self, before: Option<usize>, path: &str) -> Option<usize> {
        path.split('.').try_fold(before, |at, text| self.step(at, text).map(Some)).flatten()
    }

    /// What is at the paths in an event.
    pub(super) fn fields<'a>(&self, event: &'a Object<String, Value>) -> Fields<'a> {
        let mut fields = Fields::default();
        self.object(None, event, false, &mut fields);
        fields
    }

    fn object<'a>(
        &self,
        before: Option<usize>,
        object: &'a Object<String, Value>,
        in_list: bool,
        fields: &mut Fields<'a>,
    ) {
        for (name, value) in object {
            if let Some(at) = self.step(before, name) {
                self.value(at, value, in_list, fields);
            } else if name.contains('.')
                && let Some(at) = self.along(before, name)
            {
                fields.dotted = true;
                self.value(at, value, in_list, fields);
            }
        }
    }

    fn value<'a>(&self, at: usize, value: &'a Value, in_list: bool, fields: &mut Fields<'a>) {
        match value {
            Value::Object(object) => self.object(Some(at), object, in_list, fields),
            Value::Array(list) => list.iter().for_each(|value| match value {
                Value::Object(object) => self.object(Some(at), object, true, fields),
                value => self.value(at, value, in_list, fields),
            }),
            value if self.names.get(at).is_some_and(|name| name.uses > 0) => {
                fields.add(at, Leaf::new(value), in_list);
            }
            _ => {}
        }
    }
}
