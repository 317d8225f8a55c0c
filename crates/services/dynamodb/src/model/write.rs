//! One change of one item: what is asked, and what it comes to.

use updraft_expr::dynamodb::{Condition, Invalid, Item, Update, item_size};
use updraft_kernel::AwsError;

use crate::errors::{invalid_parameter, validation};
use crate::model::key::PrimaryKey;
use crate::model::table::Table;

const MAX_ITEM: usize = 400 * 1024;
/// Of an item that is put.
pub(crate) const TOO_LARGE: &str = "Item size has exceeded the maximum allowed size";

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Put(Item),
    Update(Update),
    Delete,
    /// Nothing; its condition is all that matters.
    Check,
}

/// A change to the item at `key`, if `condition` holds of it.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) key: PrimaryKey,
    /// The key's attributes: what an update begins with where there is no item.
    pub(crate) key_item: Item,
    pub(crate) change: Change,
    pub(crate) condition: Option<Condition>,
}

impl Write {
    pub(crate) fn put(table: &Table, item: Item, condition: Option<Condition>) -> Result<Self, AwsError> {
        let key = table.keys.of_item(&item)?;
        check_item(table, &item)?;
        Ok(Self { key, key_item: table.keys.only(&item), change: Change::Put(item), condition })
    }

    pub(crate) fn keyed(
        table: &Table,
        key_item: Item,
        change: Change,
        condition: Option<Condition>,
    ) -> Result<Self, AwsError> {
        let key = table.keys.of_key(&key_item)?;
        if let Change::Update(update) = &change {
            check_update(table, update)?;
        }
        Ok(Self { key, key_item, change, condition })
    }

    pub(crate) fn allows(&self, old: Option<&Item>) -> bool {
        let none = Item::new();
        self.condition.as_ref().is_none_or(|condition| condition.holds(old.unwrap_or(&none)))
    }

    /// The item after this, given the one before it.
    pub(crate) fn outcome(&self, table: &Table, old: Option<&Item>) -> Result<Option<Item>, AwsError> {
        match &self.change {
            Change::Put(item) => Ok(Some(item.clone())),
            Change::Delete => Ok(None),
            Change::Check => Ok(old.cloned()),
            Change::Update(update) => {
                let new = update.apply(old.unwrap_or(&self.key_item))?;
                check_updated(table, &new)?;
                Ok(Some(new))
            }
        }
    }
}

/// Size, nesting and index keys of an item that was given whole.
fn check_item(table: &Table, item: &Item) -> Result<(), AwsError> {
    check_indexes(table, item)?;
    if item_size(item) > MAX_ITEM {
        return Err(validation(TOO_LARGE));
    }
    Ok(())
}

/// The same of an item that an update made.
fn check_updated(table: &Table, item: &Item) -> Result<(), AwsError> {
    check_indexes(table, item)?;
    if item.values().any(updraft_expr::dynamodb::AttributeValue::is_too_deep) {
        return Err(Invalid::TOO_DEEP.into());
    }
    if item_size(item) > MAX_ITEM {
        // AWS: other words than for an item that was put.
        return Err(validation("Item size to update has exceeded the maximum allowed size"));
    }
    Ok(())
}

fn check_indexes(table: &Table, item: &Item) -> Result<(), AwsError> {
    table.indexes().try_for_each(|index| index.check(item))
}

fn check_update(table: &Table, update: &Update) -> Result<(), AwsError> {
    match update.actions.iter().map(|a| &a.path().root).find(|name| table.keys.has(name)) {
        Some(name) => {
            Err(invalid_parameter(format_args!("Cannot update attribute {name}. This attribute is part of the key")))
        }
        None => Ok(()),
    }
}
