//! What the operations on URLs have in common.

use updraft_api_lambda::types::FunctionUrlConfig;
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_proxy::endpoint;
use updraft_store::Tx;

use crate::errors::not_found;
use crate::keys::{UrlIdKey, UrlIdRow, UrlKey};
use crate::model::name::{FunctionId, Target};
use crate::model::url::UrlRow;
use crate::table;

/// The URL of what the target names.
///
/// # Errors
/// AWS's, if it has none; whether the function is there makes no difference.
pub(crate) async fn read(tx: &mut Tx, target: &Target) -> Result<UrlRow, AwsError> {
    let row = tx.row(&UrlKey(&target.id, target.qualifier.as_deref())).await?;
    row.ok_or_else(|| not_found("The resource you requested does not exist."))
}

pub(crate) fn write(tx: &mut Tx, target: &Target, row: &UrlRow) -> Result<(), AwsError> {
    let FunctionId { account, region, name } = &target.id;
    let index = UrlIdRow {
        account: account.as_str().to_owned(),
        region: region.as_str().to_owned(),
        name: name.clone(),
        qualifier: target.qualifier.clone(),
    };
    tx.put_row(&UrlIdKey(&row.id), &index)?;
    tx.put_row(&UrlKey(&target.id, target.qualifier.as_deref()), row)?;
    Ok(())
}

pub(crate) fn delete(tx: &mut Tx, id: &FunctionId, qualifier: Option<&str>, row: &UrlRow) {
    tx.delete_row(&UrlIdKey(&row.id));
    tx.delete_row(&UrlKey(id, qualifier));
}

/// Removes the URL of an alias, if it has one.
///
/// # Errors
/// If the store fails.
pub(crate) async fn delete_of(tx: &mut Tx, id: &FunctionId, alias: &str) -> Result<(), AwsError> {
    if let Some(row) = tx.row(&UrlKey(id, Some(alias))).await? {
        delete(tx, id, Some(alias), &row);
    }
    Ok(())
}

/// Removes the URLs of a function and of all its aliases.
///
/// # Errors
/// If the store fails.
pub(crate) async fn delete_all(tx: &mut Tx, id: &FunctionId) -> Result<(), AwsError> {
    for (key, row) in table::all::<UrlKey<'_>>(tx, UrlKey::of(id)).await? {
        delete(tx, id, UrlKey::qualifier(&key)?.as_deref(), &row);
    }
    Ok(())
}

/// As the operations show it, under an address that the caller can reach.
pub(crate) fn shown(cx: &Ctx, target: &Target, row: &UrlRow) -> FunctionUrlConfig {
    FunctionUrlConfig {
        function_url: endpoint::below(&cx.endpoint, &format!("{}.lambda-url.{}", row.id, target.id.region)) + "/",
        function_arn: target.arn().to_string(),
        creation_time: time(row.created),
        last_modified_time: time(row.modified),
        cors: row.cors.as_ref().map(crate::model::url::Cors::shown),
        auth_type: row.auth.shown(),
        invoke_mode: Some(row.mode.shown()),
    }
}

/// ISO 8601 with the six digits that AWS writes.
fn time(at: UnixMillis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
