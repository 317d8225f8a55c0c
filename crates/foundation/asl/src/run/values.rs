//! JSON that frames refer to: written once, never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

/// That many more than used ones are let be.
const FEW: usize = 16;

/// A value of an execution.
pub type ValueId = u32;

/// All of an execution's.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    kept: BTreeMap<ValueId, Arc<Value>>,
    next: ValueId,
    /// How many were left when it was last looked which are used.
    left: usize,
    /// Made or dropped since this was last asked.
    changed: BTreeSet<ValueId>,
}

impl Values {
    pub(super) fn add(&mut self, value: Value) -> ValueId {
        let id = self.next;
        self.next += 1;
        self.kept.insert(id, Arc::new(value));
        self.changed.insert(id);
        id
    }

    /// `null` for one that isn't there.
    pub(super) fn get(&self, id: ValueId) -> Arc<Value> {
        self.kept.get(&id).map_or_else(|| Arc::new(Value::Null), Arc::clone)
    }

    /// Whether so many came that it is worth looking.
    pub(super) fn want_sweeping(&self) -> bool {
        self.kept.len() > 2 * self.left + FEW
    }

    /// Drops what isn't referred to.
    pub(super) fn keep_only(&mut self, used: &BTreeSet<ValueId>) {
        let changed = &mut self.changed;
        self.kept.retain(|id, _| {
            let used = used.contains(id);
            if !used {
                changed.insert(*id);
            }
            used
        });
        self.left = self.kept.len();
    }

    pub(super) fn next(&self) -> ValueId {
        self.next
    }

    pub(super) fn restore(next: ValueId, kept: BTreeMap<ValueId, Arc<Value>>) -> Self {
        let left = kept.len();
        Self { kept, next, left, changed: BTreeSet::new() }
    }

    pub(super) fn take_changed(&mut self) -> Vec<(ValueId, Option<Arc<Value>>)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|id| (id, self.kept.get(&id).map(Arc::clone))).collect()
    }
}
