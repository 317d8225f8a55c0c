//! Parts of items: what `ProjectionExpression` becomes, and how changed attributes are answered.

use std::collections::{BTreeMap, BTreeSet};

use super::path::{Path, Step};
use super::value::{AttributeValue, Item};

/// The paths to keep; none leads to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    paths: Vec<Path>,
}

impl Projection {
    #[must_use]
    pub fn new(paths: Vec<Path>) -> Self {
        Self { paths }
    }

    /// The top-level attributes it touches.
    pub fn roots(&self) -> BTreeSet<&str> {
        self.paths.iter().map(|p| p.root.as_str()).collect()
    }

    /// What the paths lead to, each in its place; lists keep their order and close their gaps.
    #[must_use]
    pub fn apply(&self, item: &Item) -> Item {
        let mut below: BTreeMap<&str, Vec<&[Step]>> = BTreeMap::new();
        for path in &self.paths {
            below.entry(&path.root).or_default().push(&path.steps);
        }
        let kept = |(name, steps): (&str, Vec<&[Step]>)| {
            item.get(name).and_then(|value| keep(value, &steps)).map(|value| (name.to_owned(), value))
        };
        below.into_iter().filter_map(kept).collect()
    }
}

fn keep(value: &AttributeValue, paths: &[&[Step]]) -> Option<AttributeValue> {
    if paths.iter().any(|steps| steps.is_empty()) {
        return Some(value.clone());
    }
    match value {
        AttributeValue::M(map) => keep_in_map(map, paths),
        AttributeValue::L(list) => keep_in_list(list, paths),
        _ => None,
    }
}

fn keep_in_map(map: &Item, paths: &[&[Step]]) -> Option<AttributeValue> {
    let mut below: BTreeMap<&str, Vec<&[Step]>> = BTreeMap::new();
    for path in paths {
        if let Some((Step::Field(name), rest)) = path.split_first() {
            below.entry(name).or_default().push(rest);
        }
    }
    let kept = |(name, rest): (&str, Vec<&[Step]>)| {
        map.get(name).and_then(|value| keep(value, &rest)).map(|value| (name.to_owned(), value))
    };
    let kept: Item = below.into_iter().filter_map(kept).collect();
    (!kept.is_empty()).then_some(AttributeValue::M(kept))
}

fn keep_in_list(list: &[AttributeValue], paths: &[&[Step]]) -> Option<AttributeValue> {
    let mut below: BTreeMap<usize, Vec<&[Step]>> = BTreeMap::new();
    for path in paths {
        if let Some((Step::Index(index), rest)) = path.split_first() {
            below.entry(*index).or_default().push(rest);
        }
    }
    let kept = |(index, rest): (usize, Vec<&[Step]>)| list.get(index).and_then(|value| keep(value, &rest));
    let kept: Vec<AttributeValue> = below.into_iter().filter_map(kept).collect();
    (!kept.is_empty()).then_some(AttributeValue::L(kept))
}
