use updraft_api_dynamodb::types::{DeleteItemInput, DeleteItemOutput};
use updraft_expr::dynamodb::{Condition, Item};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::{check_old_or_none, old_if_asked, tells_failed};
use crate::DynamoDb;
use crate::errors::enveloped;
use crate::keys::Scope;
use crate::model::capacity::Told;
use crate::model::expressions::{Texts, check_not_mixed};
use crate::model::legacy;
use crate::model::value::parse_item;
use crate::model::write::{Change, Write};
use crate::table::{self, Session};

pub(crate) async fn delete_item(
    svc: &DynamoDb,
    cx: &Ctx,
    mut input: DeleteItemInput,
) -> Result<DeleteItemOutput, AwsError> {
    check_old_or_none(input.return_values.as_ref())?;
    let (key, condition) = parse(&mut input).map_err(enveloped)?;
    let scope = Scope::of(cx);
    let mut tx = svc.store.write().await?;
    let table = table::load(&mut tx, cx, &input.table_name).await?;
    let write = Write::keyed(&table, key, Change::Delete, condition)?;
    let tells = tells_failed(input.return_values_on_condition_check_failure.as_ref());
    let mut session = Session::new(&scope, cx.now());
    let applied = table::apply(&mut tx, &mut session, &table, &write).await.map_err(|stop| stop.into_error(tells))?;
    let metrics = input.return_item_collection_metrics.as_ref();
    let metrics = table::collection(&mut tx, &scope, &table, &write, metrics).await?;
    tx.commit().await?;
    let asked = input.return_consumed_capacity.as_ref();
    Ok(DeleteItemOutput {
        attributes: old_if_asked(input.return_values.as_ref(), applied.old.as_ref()),
        consumed_capacity: applied.consumed.report(&table.name, asked, Told::No),
        item_collection_metrics: metrics,
    })
}

fn parse(input: &mut DeleteItemInput) -> Result<(Item, Option<Condition>), AwsError> {
    check_not_mixed(
        &[("Expected", input.expected.is_some()), ("ConditionalOperator", input.conditional_operator.is_some())],
        &[("ConditionExpression", input.condition_expression.is_some())],
    )?;
    let texts = Texts {
        condition: input.condition_expression.take(),
        names: input.expression_attribute_names.take(),
        values: input.expression_attribute_values.take(),
        ..Texts::default()
    };
    let condition = texts.parse()?.condition;
    let expected = legacy::expected(input.expected.take().unwrap_or_default(), input.conditional_operator.as_ref())?;
    Ok((parse_item(std::mem::take(&mut input.key))?, condition.or(expected)))
}
