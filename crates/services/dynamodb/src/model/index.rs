//! What secondary indexes hold.

use updraft_expr::dynamodb::{AttributeValue, Item, item_size};
use updraft_kernel::AwsError;

use crate::errors::{invalid_parameter, validation};
use crate::model::key::{PrimaryKey, check_sizes, emptiness};
use crate::model::table::{Index, KeyAttribute, Projected, Table};

/// One row of an index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: PrimaryKey,
    pub(crate) item: Item,
}

impl Table {
    /// Bytes of an item and of what local indexes have of it: what AWS counts as the size of an item collection.
    pub(crate) fn collected_size(&self, item: &Item) -> usize {
        let entries = self.locals.iter().filter_map(|index| index.entry(self, item));
        item_size(item) + entries.map(|entry| item_size(&entry.item)).sum::<usize>()
    }
}

impl Index {
    /// What the index holds of an item; `None` if a key attribute is absent.
    pub(crate) fn entry(&self, table: &Table, item: &Item) -> Option<Entry> {
        Some(Entry { key: self.keys.of_entry(item)?, item: self.project(table, item) })
    }

    fn project(&self, table: &Table, item: &Item) -> Item {
        let kept = |(name, _): &(&String, &AttributeValue)| self.holds(table, name);
        item.iter().filter(kept).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Whether the index has this attribute, where an item has it.
    pub(crate) fn holds(&self, table: &Table, name: &str) -> bool {
        match &self.projected {
            Projected::All => true,
            _ if self.keys.has(name) || table.keys.has(name) => true,
            Projected::KeysOnly => false,
            Projected::Include(names) => names.iter().any(|n| n == name),
        }
    }

    /// Whether an item that is to be written may be in this index.
    pub(crate) fn check(&self, item: &Item) -> Result<(), AwsError> {
        for attribute in self.keys.attributes() {
            if let Some(value) = item.get(&attribute.name) {
                self.check_attribute(attribute, value)?;
            }
        }
        self.keys.of_entry(item).map_or(Ok(()), |key| check_sizes(&key))
    }

    fn check_attribute(&self, attribute: &KeyAttribute, value: &AttributeValue) -> Result<(), AwsError> {
        let (name, index) = (&attribute.name, &self.name);
        let (expected, actual) = (attribute.scalar.of(), value.type_of());
        if expected != actual {
            let (expected, actual) = (expected.name(), actual.name());
            return Err(invalid_parameter(format_args!(
                "Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}"
            )));
        }
        match emptiness(value) {
            Some(kind) => Err(validation(format!(
                "One or more parameter values are not valid. A value specified for a secondary index key is not \
                 supported. The AttributeValue for a key attribute cannot contain an empty {kind} value. \
                 IndexName: {index}, IndexKey: {name}"
            ))),
            None => Ok(()),
        }
    }
}
