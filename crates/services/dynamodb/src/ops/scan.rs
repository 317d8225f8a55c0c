use updraft_api_dynamodb::types::{ScanInput, ScanOutput, Select};
use updraft_expr::dynamodb::{Condition, Item, Projection};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::DynamoDb;
use crate::errors::{no_such_index, validation};
use crate::keys::Scope;
use crate::model::capacity::Told;
use crate::model::expressions::{Texts, check_not_mixed};
use crate::model::legacy;
use crate::model::page::{self, Reading, check_select, needs_table};
use crate::model::value::{item_to_wire, parse_item};
use crate::reads::Source;
use crate::table;

pub(crate) async fn scan(svc: &DynamoDb, cx: &Ctx, mut input: ScanInput) -> Result<ScanOutput, AwsError> {
    let (segment, total) = segment(input.segment, input.total_segments)?;
    let Parsed { filter, projection, start } = parse(&mut input)?;
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
    check_select(input.select.as_ref(), projection.is_some(), &table, index)?;
    let reading = Reading {
        fetch: needs_table(input.select.as_ref(), projection.as_ref(), &table, index)?,
        filter,
        projection,
        limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
        count_only: input.select == Some(Select::Count),
    };
    let source = Source { scope: &scope, table: &table, index };
    let mut range = source.rows().segment(segment, total);
    if let Some(start) = start {
        range = source.behind(range, &page::start(&table, index, &start)?, false);
    }
    let found = source.page(&mut tx, range, false, &reading).await?;
    let asked = input.return_consumed_capacity.as_ref();
    Ok(ScanOutput {
        consumed_capacity: source.consumed(&found, consistent).report(&table.name, asked, Told::No),
        items: (!reading.count_only).then(|| found.items.iter().map(item_to_wire).collect()),
        count: Some(found.count),
        scanned_count: Some(found.scanned),
        last_evaluated_key: found.last.as_ref().map(item_to_wire),
    })
}

/// Which of how many segments; all of it is the first of one.
fn segment(segment: Option<i32>, total: Option<i32>) -> Result<(u32, u32), AwsError> {
    match (segment, total) {
        (None, None) => Ok((0, 1)),
        (Some(_), None) => Err(validation(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
        )),
        (None, Some(_)) => Err(validation(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
        )),
        (Some(segment), Some(total)) if segment >= total => Err(validation(format!(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: \
             Segment: {segment} is not less than TotalSegments: {total}"
        ))),
        (Some(segment), Some(total)) => Ok((u32::try_from(segment).unwrap_or(0), u32::try_from(total).unwrap_or(1))),
    }
}

struct Parsed {
    filter: Option<Condition>,
    projection: Option<Projection>,
    start: Option<Item>,
}

fn parse(input: &mut ScanInput) -> Result<Parsed, AwsError> {
    check_not_mixed(
        &[
            ("AttributesToGet", input.attributes_to_get.is_some()),
            ("ScanFilter", input.scan_filter.is_some()),
            ("ConditionalOperator", input.conditional_operator.is_some()),
        ],
        &[
            ("ProjectionExpression", input.projection_expression.is_some()),
            ("FilterExpression", input.filter_expression.is_some()),
        ],
    )?;
    let texts = Texts {
        filter: input.filter_expression.take(),
        projection: input.projection_expression.take(),
        names: input.expression_attribute_names.take(),
        values: input.expression_attribute_values.take(),
        ..Texts::default()
    };
    let parsed = texts.parse()?;
    let filter = legacy::conditions(input.scan_filter.take().unwrap_or_default(), input.conditional_operator.as_ref())?;
    let projection = input.attributes_to_get.take().map(legacy::projection).transpose()?;
    Ok(Parsed {
        filter: parsed.filter.or(filter),
        projection: parsed.projection.or(projection),
        start: input.exclusive_start_key.take().map(parse_item).transpose()?,
    })
}
