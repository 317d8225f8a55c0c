//! Primary keys: taken from items and from requests, and as bytes whose order is theirs.

use updraft_expr::dynamodb::{AttributeValue, Item};
use updraft_kernel::AwsError;

use crate::errors::{invalid_parameter, validation};
use crate::model::table::{KeyAttribute, Keys};

const MAX_HASH: usize = 2048;
const MAX_RANGE: usize = 1024;

/// The bytes of a partition key and a sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PrimaryKey {
    pub(crate) hash: Vec<u8>,
    pub(crate) range: Option<Vec<u8>>,
}

/// Bytes that sort as the values of one type do.
pub(crate) fn key_bytes(value: &AttributeValue) -> Vec<u8> {
    match value {
        AttributeValue::S(s) => s.as_bytes().to_vec(),
        AttributeValue::B(b) => b.to_vec(),
        AttributeValue::N(n) => n.to_key_bytes(),
        _ => Vec::new(),
    }
}

pub(crate) fn schema_mismatch() -> AwsError {
    validation("The provided key element does not match the schema")
}

impl Keys {
    /// The key of a whole item that is to be put.
    pub(crate) fn of_item(&self, item: &Item) -> Result<PrimaryKey, AwsError> {
        for attribute in self.attributes() {
            let name = &attribute.name;
            let value =
                item.get(name).ok_or_else(|| invalid_parameter(format_args!("Missing the key {name} in the item")))?;
            let (expected, actual) = (attribute.scalar.of(), value.type_of());
            if expected != actual {
                let (expected, actual) = (expected.name(), actual.name());
                return Err(invalid_parameter(format_args!(
                    "Type mismatch for key {name} expected: {expected} actual: {actual}"
                )));
            }
        }
        self.bytes_of(item)
    }

    /// The key that a request gives as such: these attributes and no others.
    pub(crate) fn of_key(&self, key: &Item) -> Result<PrimaryKey, AwsError> {
        let fits = |a: &KeyAttribute| key.get(&a.name).is_some_and(|v| v.type_of() == a.scalar.of());
        if key.len() != self.attributes().count() || !self.attributes().all(fits) {
            return Err(schema_mismatch());
        }
        self.bytes_of(key)
    }

    /// What an index has of an item; `None` if the item isn't in the index.
    pub(crate) fn of_entry(&self, item: &Item) -> Option<PrimaryKey> {
        let part = |a: &KeyAttribute| item.get(&a.name).filter(|v| v.type_of() == a.scalar.of()).map(key_bytes);
        let range = match &self.range {
            Some(range) => Some(part(range)?),
            None => None,
        };
        Some(PrimaryKey { hash: part(&self.hash)?, range })
    }

    /// Only the key attributes of `item`.
    pub(crate) fn only(&self, item: &Item) -> Item {
        self.names().filter_map(|name| item.get_key_value(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
    }

    fn bytes_of(&self, item: &Item) -> Result<PrimaryKey, AwsError> {
        for attribute in self.attributes() {
            check_not_empty(&attribute.name, item.get(&attribute.name))?;
        }
        let key = self.of_entry(item).ok_or_else(schema_mismatch)?;
        check_sizes(&key)?;
        Ok(key)
    }
}

fn check_not_empty(name: &str, value: Option<&AttributeValue>) -> Result<(), AwsError> {
    let Some(kind) = value.and_then(emptiness) else { return Ok(()) };
    Err(validation(format!(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
         {kind} value. Key: {name}"
    )))
}

/// What kind of emptiness a key may not have.
pub(crate) fn emptiness(value: &AttributeValue) -> Option<&'static str> {
    match value {
        AttributeValue::S(s) if s.is_empty() => Some("string"),
        AttributeValue::B(b) if b.is_empty() => Some("binary"),
        _ => None,
    }
}

pub(crate) fn check_sizes(key: &PrimaryKey) -> Result<(), AwsError> {
    if key.hash.len() > MAX_HASH {
        // AWS: there is no space before the number.
        return Err(invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes"));
    }
    if key.range.as_ref().is_some_and(|range| range.len() > MAX_RANGE) {
        return Err(invalid_parameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes"));
    }
    Ok(())
}
