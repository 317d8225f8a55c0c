//! What several operations do alike.

use std::collections::BTreeMap;

use updraft_api_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use updraft_expr::dynamodb::{Item, Projection};
use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{no_such_resource, no_table_arn, validation};
use crate::keys::{Scope, TableKey};
use crate::model::expressions::{Texts, check_not_mixed};
use crate::model::legacy;
use crate::model::name::name_of_arn;
use crate::model::table::Table;
use crate::model::value::{WireItem, item_to_wire};
use crate::table;

/// Whether the item that fails a condition is to be told.
pub(super) fn tells_failed(asked: Option<&ReturnValuesOnConditionCheckFailure>) -> bool {
    asked == Some(&ReturnValuesOnConditionCheckFailure::AllOld)
}

/// What `PutItem` and `DeleteItem` may return.
pub(super) fn check_old_or_none(asked: Option<&ReturnValue>) -> Result<(), AwsError> {
    match asked {
        None | Some(ReturnValue::None | ReturnValue::AllOld) => Ok(()),
        Some(_) => Err(validation("ReturnValues can only be ALL_OLD or NONE")),
    }
}

/// The old item, if it was asked for and there was one.
pub(super) fn old_if_asked(asked: Option<&ReturnValue>, old: Option<&Item>) -> Option<WireItem> {
    old.filter(|_| asked == Some(&ReturnValue::AllOld)).map(item_to_wire)
}

/// What a request on single items wants of them.
pub(super) fn projection(
    expression: Option<String>,
    names: Option<BTreeMap<String, String>>,
    older: Option<Vec<String>>,
) -> Result<Option<Projection>, AwsError> {
    check_not_mixed(&[("AttributesToGet", older.is_some())], &[("ProjectionExpression", expression.is_some())])?;
    let parsed = Texts { projection: expression, names, ..Texts::default() }.parse()?.projection;
    match older {
        Some(older) => legacy::projection(older).map(Some),
        None => Ok(parsed),
    }
}

pub(super) fn projected(item: &Item, projection: Option<&Projection>) -> WireItem {
    match projection {
        Some(projection) => item_to_wire(&projection.apply(item)),
        None => item_to_wire(item),
    }
}

/// Each of the tables named, loaded once.
#[derive(Debug, Default)]
pub(super) struct Tables(BTreeMap<String, Table>);

impl Tables {
    pub(super) async fn load<'a>(&'a mut self, tx: &mut Tx, cx: &Ctx, raw: &str) -> Result<&'a Table, AwsError> {
        if !self.0.contains_key(raw) {
            let found = table::load(tx, cx, raw).await?;
            self.0.insert(raw.to_owned(), found);
        }
        self.0.get(raw).ok_or_else(crate::errors::no_such_table)
    }
}

/// The table that a request on tags names.
pub(super) async fn tagged(tx: &mut Tx, cx: &Ctx, arn: &str) -> Result<Table, AwsError> {
    check_table_arn(arn)?;
    let name = name_of_arn(cx, arn).ok_or_else(|| no_such_resource(arn))?;
    tx.row(&TableKey(&Scope::of(cx), &name)).await?.ok_or_else(|| no_such_resource(arn))
}

/// Whether it could be a table's at all; indexes and streams have no tags.
pub(super) fn check_table_arn(arn: &str) -> Result<(), AwsError> {
    let parsed = Arn::parse(arn).map_err(|_| no_table_arn(arn))?;
    match parsed.resource.strip_prefix("table/") {
        Some(name) if parsed.service == "dynamodb" && !name.is_empty() && !name.contains('/') => Ok(()),
        _ => Err(no_table_arn(arn)),
    }
}
