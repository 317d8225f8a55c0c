use std::collections::{BTreeMap, BTreeSet};

use updraft_api_dynamodb::types::{BatchGetItemInput, BatchGetItemOutput, KeysAndAttributes};
use updraft_expr::dynamodb::{Item, Projection, item_size};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use super::shared::{projected, projection};
use crate::DynamoDb;
use crate::errors::validation;
use crate::keys::Scope;
use crate::model::capacity::{Consumed, Told, read_units};
use crate::model::table::Table;
use crate::model::value::{WireItem, parse_item};
use crate::table;

const MAX_KEYS: usize = 100;
/// Bytes of items in one answer; what doesn't fit is to be asked for again.
const MAX_BYTES: usize = 16 << 20;

pub(crate) async fn batch_get_item(
    svc: &DynamoDb,
    cx: &Ctx,
    input: BatchGetItemInput,
) -> Result<BatchGetItemOutput, AwsError> {
    if input.request_items.values().map(|one| one.keys.len()).sum::<usize>() > MAX_KEYS {
        return Err(validation("Too many items requested for the BatchGetItem call"));
    }
    let mut asked = Vec::new();
    for (name, one) in input.request_items {
        asked.push(Asked::parse(name, one)?);
    }
    let mut tx = svc.store.read().await?;
    let mut out = BatchGetItemOutput {
        responses: Some(BTreeMap::new()),
        unprocessed_keys: Some(BTreeMap::new()),
        consumed_capacity: None,
    };
    let mut used = Vec::new();
    let mut room = MAX_BYTES;
    for one in asked {
        let table = table::load(&mut tx, cx, &one.name).await?;
        let read = one.read(&mut tx, &Scope::of(cx), &table, &mut room).await?;
        used.extend(read.consumed.report(&table.name, input.return_consumed_capacity.as_ref(), Told::No));
        out.responses.get_or_insert_default().insert(one.name.clone(), read.items);
        if !read.left.is_empty() {
            let left = KeysAndAttributes { keys: read.left, ..one.again };
            out.unprocessed_keys.get_or_insert_default().insert(one.name, left);
        }
    }
    out.consumed_capacity = (!used.is_empty()).then_some(used);
    Ok(out)
}

/// What is asked of one table.
struct Asked {
    name: String,
    keys: Vec<(WireItem, Item)>,
    projection: Option<Projection>,
    consistent: bool,
    /// The request without its keys, for those that are to be asked for again.
    again: KeysAndAttributes,
}

struct Read {
    items: Vec<WireItem>,
    left: Vec<WireItem>,
    consumed: Consumed,
}

impl Asked {
    fn parse(name: String, mut one: KeysAndAttributes) -> Result<Self, AwsError> {
        let keys = std::mem::take(&mut one.keys);
        let again = one.clone();
        let parse = |key: WireItem| Ok::<_, AwsError>((key.clone(), parse_item(key)?));
        Ok(Self {
            name,
            keys: keys.into_iter().map(parse).collect::<Result<_, _>>()?,
            projection: projection(one.projection_expression, one.expression_attribute_names, one.attributes_to_get)?,
            consistent: one.consistent_read.unwrap_or(false),
            again,
        })
    }

    async fn read(&self, tx: &mut Tx, scope: &Scope, table: &Table, room: &mut usize) -> Result<Read, AwsError> {
        let keys = self.keys.iter().map(|(_, key)| table.keys.of_key(key)).collect::<Result<Vec<_>, _>>()?;
        if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
            return Err(validation("Provided list of item keys contains duplicates"));
        }
        let mut out = Read { items: Vec::new(), left: Vec::new(), consumed: Consumed::default() };
        for ((wire, _), key) in self.keys.iter().zip(&keys) {
            let item = if *room == 0 { None } else { table::get(tx, scope, table, key).await? };
            let size = item.as_ref().map_or(0, item_size);
            if *room == 0 || size > *room {
                *room = 0;
                out.left.push(wire.clone());
                continue;
            }
            *room -= size;
            out.consumed.table += read_units(size, self.consistent);
            out.items.extend(item.map(|item| projected(&item, self.projection.as_ref())));
        }
        Ok(out)
    }
}
