use updraft_api_dynamodb::types::{ItemResponse, TransactGetItemsInput, TransactGetItemsOutput};
use updraft_expr::dynamodb::{Item, Projection, item_size};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::{Tables, projected, projection};
use crate::DynamoDb;
use crate::errors::{Reason, cancelled, validation};
use crate::keys::Scope;
use crate::model::capacity::{Consumed, Told, read_units};
use crate::model::value::parse_item;
use crate::table;

/// Bytes of all items of a transaction together.
const MAX_BYTES: usize = 4 << 20;

pub(crate) async fn transact_get_items(
    svc: &DynamoDb,
    cx: &Ctx,
    input: TransactGetItemsInput,
) -> Result<TransactGetItemsOutput, AwsError> {
    let mut asked: Vec<(String, Item, Option<Projection>)> = Vec::new();
    for one in input.transact_items {
        let get = one.get;
        let projection = projection(get.projection_expression, get.expression_attribute_names, None)?;
        asked.push((get.table_name, parse_item(get.key)?, projection));
    }
    let scope = Scope::of(cx);
    let mut tx = svc.store.read().await?;
    let mut tables = Tables::default();
    let (mut items, mut reasons, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut used: Vec<(String, Consumed)> = Vec::new();
    for (name, key, projection) in &asked {
        let table = tables.load(&mut tx, cx, name).await?;
        let key = match table.keys.of_key(key) {
            Ok(key) => key,
            Err(err) => {
                reasons.push(Reason { code: "ValidationError", message: Some(err.message().to_owned()), item: None });
                continue;
            }
        };
        reasons.push(Reason::NONE);
        let item = table::get(&mut tx, &scope, table, &key).await?;
        let size = item.as_ref().map_or(0, item_size);
        bytes += size;
        let units = read_units(size, true);
        charge(&mut used, &table.name, units);
        items.push(ItemResponse { item: item.map(|item| projected(&item, projection.as_ref())) });
    }
    if !reasons.iter().all(Reason::is_none) {
        return Err(cancelled(&reasons));
    }
    if bytes > MAX_BYTES {
        return Err(validation("Aggregate size of the items in the transaction exceeds the limit of 4 MB"));
    }
    let asked = input.return_consumed_capacity.as_ref();
    let used: Vec<_> =
        used.into_iter().filter_map(|(name, used)| used.doubled().report(&name, asked, Told::Read)).collect();
    Ok(TransactGetItemsOutput { consumed_capacity: (!used.is_empty()).then_some(used), responses: Some(items) })
}

fn charge(used: &mut Vec<(String, Consumed)>, table: &str, units: f64) {
    match used.iter_mut().find(|(name, _)| name == table) {
        Some((_, consumed)) => consumed.table += units,
        None => used.push((table.to_owned(), Consumed::of_table(units))),
    }
}
