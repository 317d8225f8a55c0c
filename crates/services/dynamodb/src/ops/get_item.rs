use updraft_api_dynamodb::types::{GetItemInput, GetItemOutput};
use updraft_expr::dynamodb::item_size;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::{projected, projection};
use crate::DynamoDb;
use crate::keys::Scope;
use crate::model::capacity::{Consumed, Told, read_units};
use crate::model::value::parse_item;
use crate::table;

pub(crate) async fn get_item(svc: &DynamoDb, cx: &Ctx, input: GetItemInput) -> Result<GetItemOutput, AwsError> {
    let projection =
        projection(input.projection_expression, input.expression_attribute_names, input.attributes_to_get)?;
    let key = parse_item(input.key)?;
    let mut tx = svc.store.read().await?;
    let table = table::load(&mut tx, cx, &input.table_name).await?;
    let key = table.keys.of_key(&key)?;
    let item = table::get(&mut tx, &Scope::of(cx), &table, &key).await?;
    let size = item.as_ref().map_or(0, item_size);
    let consumed = Consumed::of_table(read_units(size, input.consistent_read.unwrap_or(false)));
    Ok(GetItemOutput {
        item: item.map(|item| projected(&item, projection.as_ref())),
        consumed_capacity: consumed.report(&table.name, input.return_consumed_capacity.as_ref(), Told::No),
    })
}
