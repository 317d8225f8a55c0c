use updraft_api_dynamodb::types::{ReturnValue, UpdateItemInput, UpdateItemOutput};
use updraft_expr::dynamodb::{Condition, Item, Projection, Update};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::tells_failed;
use crate::DynamoDb;
use crate::errors::enveloped;
use crate::keys::Scope;
use crate::model::capacity::Told;
use crate::model::expressions::{Texts, check_not_mixed};
use crate::model::legacy;
use crate::model::value::{WireItem, item_to_wire, parse_item};
use crate::model::write::{Change, Write};
use crate::table::{self, Applied, Session};

pub(crate) async fn update_item(
    svc: &DynamoDb,
    cx: &Ctx,
    mut input: UpdateItemInput,
) -> Result<UpdateItemOutput, AwsError> {
    let Parsed { key, update, condition } = parse(&mut input).map_err(enveloped)?;
    let changed = Projection::new(update.paths());
    let scope = Scope::of(cx);
    let mut tx = svc.store.write().await?;
    let table = table::load(&mut tx, cx, &input.table_name).await?;
    let write = Write::keyed(&table, key, Change::Update(update), condition)?;
    let tells = tells_failed(input.return_values_on_condition_check_failure.as_ref());
    let mut session = Session::new(&scope, cx.now());
    let applied = table::apply(&mut tx, &mut session, &table, &write).await.map_err(|stop| stop.into_error(tells))?;
    let metrics = input.return_item_collection_metrics.as_ref();
    let metrics = table::collection(&mut tx, &scope, &table, &write, metrics).await?;
    tx.commit().await?;
    let asked = input.return_consumed_capacity.as_ref();
    Ok(UpdateItemOutput {
        attributes: returned(input.return_values.as_ref(), &applied, &changed),
        consumed_capacity: applied.consumed.report(&table.name, asked, Told::No),
        item_collection_metrics: metrics,
    })
}

fn returned(asked: Option<&ReturnValue>, applied: &Applied, changed: &Projection) -> Option<WireItem> {
    let part = |item: &Option<Item>| item.as_ref().map(|item| changed.apply(item));
    let out = match asked? {
        ReturnValue::AllOld => applied.old.clone(),
        ReturnValue::AllNew => applied.new.clone(),
        ReturnValue::UpdatedOld => part(&applied.old),
        ReturnValue::UpdatedNew => part(&applied.new),
        ReturnValue::None | ReturnValue::Unknown(_) => None,
    };
    out.filter(|item| !item.is_empty()).map(|item| item_to_wire(&item))
}

struct Parsed {
    key: Item,
    update: Update,
    condition: Option<Condition>,
}

fn parse(input: &mut UpdateItemInput) -> Result<Parsed, AwsError> {
    check_not_mixed(
        &[
            ("AttributeUpdates", input.attribute_updates.is_some()),
            ("Expected", input.expected.is_some()),
            ("ConditionalOperator", input.conditional_operator.is_some()),
        ],
        &[
            ("UpdateExpression", input.update_expression.is_some()),
            ("ConditionExpression", input.condition_expression.is_some()),
        ],
    )?;
    let texts = Texts {
        update: input.update_expression.take(),
        condition: input.condition_expression.take(),
        names: input.expression_attribute_names.take(),
        values: input.expression_attribute_values.take(),
        ..Texts::default()
    };
    let parsed = texts.parse()?;
    let expected = legacy::expected(input.expected.take().unwrap_or_default(), input.conditional_operator.as_ref())?;
    let update = match parsed.update {
        Some(update) => update,
        None => legacy::update(input.attribute_updates.take().unwrap_or_default())?,
    };
    let key = parse_item(std::mem::take(&mut input.key))?;
    Ok(Parsed { key, update, condition: parsed.condition.or(expected) })
}
