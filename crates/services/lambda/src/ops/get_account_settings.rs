//! `GetAccountSettings`.

use updraft_api_lambda::types::{AccountLimit, AccountUsage, GetAccountSettingsInput, GetAccountSettingsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::{FunctionKey, LayerVersionKey, VersionKey};
use crate::{Lambda, table};

/// AWS's default for an account and region.
pub(super) const CONCURRENCY: u32 = 1000;
const TOTAL_CODE: i64 = 75 << 30;
const UNZIPPED: i64 = 262_144_000;
const ZIPPED: i64 = 50 << 20;

pub(crate) async fn get_account_settings(
    svc: &Lambda,
    cx: &Ctx,
    _: GetAccountSettingsInput,
) -> Result<GetAccountSettingsOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let functions = table::all::<FunctionKey<'_>>(&mut tx, FunctionKey::all(&cx.account, &cx.region)).await?;
    let versions = table::all::<VersionKey<'_>>(&mut tx, VersionKey::all(&cx.account, &cx.region)).await?;
    let layers = table::all::<LayerVersionKey<'_>>(&mut tx, LayerVersionKey::all(&cx.account, &cx.region)).await?;
    let code: u64 = versions.iter().map(|(_, row)| row.config.code.size).sum();
    let layers: u64 = layers.iter().map(|(_, row)| row.code.size).sum();
    let reserved: u32 = functions.iter().map(|(_, function)| function.set_aside()).sum();
    let count = |number: u32| i32::try_from(number).ok();
    Ok(GetAccountSettingsOutput {
        account_limit: Some(AccountLimit {
            total_code_size: Some(TOTAL_CODE),
            code_size_unzipped: Some(UNZIPPED),
            code_size_zipped: Some(ZIPPED),
            concurrent_executions: count(CONCURRENCY),
            unreserved_concurrent_executions: count(CONCURRENCY.saturating_sub(reserved)),
        }),
        account_usage: Some(AccountUsage {
            total_code_size: i64::try_from(code + layers).ok(),
            function_count: i64::try_from(functions.len()).ok(),
        }),
    })
}
