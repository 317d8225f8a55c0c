use updraft_api_dynamodb::types::{QueryInput, QueryOutput, Select};
use updraft_expr::dynamodb::{Condition, Item, KeyCondition, Projection};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::DynamoDb;
use crate::errors::{no_such_index, validation};
use crate::keys::Scope;
use crate::model::capacity::Told;
use crate::model::expressions::{Texts, check_not_mixed};
use crate::model::key::{emptiness, key_bytes};
use crate::model::legacy;
use crate::model::page::{self, Reading, check_filter, check_select, needs_table};
use crate::model::table::Keys;
use crate::model::value::{item_to_wire, parse_item};
use crate::reads::Source;
use crate::table;

pub(crate) async fn query(svc: &DynamoDb, cx: &Ctx, mut input: QueryInput) -> Result<QueryOutput, AwsError> {
    let filter_name = if input.query_filter.is_some() { "QueryFilter" } else { "Filter Expression" };
    let Parsed { condition, filter, projection, start } = parse(&mut input)?;
    let scope = Scope::of(cx);
    let mut tx = svc.store.read().await?;
    let table = table::load(&mut tx, cx, &input.table_name).await?;
    let index = match &input.index_name {
        Some(name) => Some(table.index(name).ok_or_else(|| no_such_index(name))?),
        None => None,
    };
    let consistent = input.consistent_read.unwrap_or(false);
    if consistent && index.is_some_and(|index| !table.is_local(index)) {
        return Err(validation("Consistent reads are not supported on global secondary indexes"));
    }
    let keys = index.map_or(&table.keys, |index| &index.keys);
    let condition = KeyCondition::of(&condition, &keys.schema())?;
    check_operands(&condition, keys)?;
    check_filter(filter.as_ref(), keys, filter_name)?;
    check_select(input.select.as_ref(), projection.is_some(), &table, index)?;
    let reading = Reading {
        fetch: needs_table(input.select.as_ref(), projection.as_ref(), &table, index)?,
        filter,
        projection,
        limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
        count_only: input.select == Some(Select::Count),
    };
    let reverse = input.scan_index_forward == Some(false);
    let source = Source { scope: &scope, table: &table, index };
    let mut range = source.rows().query(&condition.hash, condition.sort.as_ref());
    if let Some(start) = start {
        check_start(&start, &condition, keys)?;
        range = source.behind(range, &page::start(&table, index, &start)?, reverse);
    }
    let found = source.page(&mut tx, range, reverse, &reading).await?;
    let asked = input.return_consumed_capacity.as_ref();
    Ok(QueryOutput {
        consumed_capacity: source.consumed(&found, consistent).report(&table.name, asked, Told::No),
        items: (!reading.count_only).then(|| found.items.iter().map(item_to_wire).collect()),
        count: Some(found.count),
        scanned_count: Some(found.scanned),
        last_evaluated_key: found.last.as_ref().map(item_to_wire),
    })
}

struct Parsed {
    condition: Condition,
    filter: Option<Condition>,
    projection: Option<Projection>,
    start: Option<Item>,
}

fn parse(input: &mut QueryInput) -> Result<Parsed, AwsError> {
    check_not_mixed(
        &[
            ("AttributesToGet", input.attributes_to_get.is_some()),
            ("QueryFilter", input.query_filter.is_some()),
            ("ConditionalOperator", input.conditional_operator.is_some()),
            ("KeyConditions", input.key_conditions.is_some()),
        ],
        &[
            ("ProjectionExpression", input.projection_expression.is_some()),
            ("FilterExpression", input.filter_expression.is_some()),
            ("KeyConditionExpression", input.key_condition_expression.is_some()),
        ],
    )?;
    let texts = Texts {
        key_condition: input.key_condition_expression.take(),
        filter: input.filter_expression.take(),
        projection: input.projection_expression.take(),
        names: input.expression_attribute_names.take(),
        values: input.expression_attribute_values.take(),
        ..Texts::default()
    };
    let parsed = texts.parse()?;
    if input.key_conditions.as_ref().is_some_and(|conditions| !(1..=2).contains(&conditions.len())) {
        return Err(validation("Conditions can be of length 1 or 2 only"));
    }
    let conditions = legacy::key_conditions(input.key_conditions.take().unwrap_or_default())?;
    let filter =
        legacy::conditions(input.query_filter.take().unwrap_or_default(), input.conditional_operator.as_ref())?;
    let projection = input.attributes_to_get.take().map(legacy::projection).transpose()?;
    Ok(Parsed {
        condition: parsed.key_condition.or(conditions).ok_or_else(|| {
            validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
        })?,
        filter: parsed.filter.or(filter),
        projection: parsed.projection.or(projection),
        start: input.exclusive_start_key.take().map(parse_item).transpose()?,
    })
}

fn check_operands(condition: &KeyCondition, keys: &Keys) -> Result<(), AwsError> {
    match emptiness(&condition.hash) {
        Some(kind) => Err(validation(format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
             empty {kind} value. Key: {}",
            keys.hash.name
        ))),
        None => Ok(()),
    }
}

/// A page can only go on inside of what is queried.
fn check_start(start: &Item, condition: &KeyCondition, keys: &Keys) -> Result<(), AwsError> {
    let same_partition = start.get(&keys.hash.name).is_some_and(|v| key_bytes(v) == key_bytes(&condition.hash));
    let range = keys.range.as_ref().and_then(|range| start.get(&range.name));
    let admitted = match (&condition.sort, range) {
        (Some(sort), Some(range)) => sort.admits(range),
        _ => true,
    };
    if same_partition && admitted {
        return Ok(());
    }
    let why = if same_partition {
        "The provided starting key does not match the range key predicate"
    } else {
        "The provided starting key is outside query boundaries based on provided conditions"
    };
    Err(validation(why))
}
