//! `ListFunctionsByCodeSigningConfig`.

use updraft_api_lambda::types::{ListFunctionsByCodeSigningConfigInput, ListFunctionsByCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging;
use crate::keys::SignedFunctionKey;
use crate::model::name::FunctionId;
use crate::{Lambda, signing};

pub(crate) async fn list_functions_by_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: ListFunctionsByCodeSigningConfigInput,
) -> Result<ListFunctionsByCodeSigningConfigOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let (config, _) = signing::find(cx, &mut tx, &input.code_signing_config_arn).await?;
    let function = |name: String| FunctionId { account: cx.account.clone(), region: cx.region.clone(), name };
    let mut range = SignedFunctionKey::of(&cx.account, &cx.region, config);
    if let Some(marker) = &input.marker {
        range = range.after(&SignedFunctionKey(config, &function(paging::read_name(marker)?)).encode());
    }
    let limit = paging::most(input.max_items, paging::MANY);
    let page = tx.rows::<SignedFunctionKey<'_>>(range, ScanOptions::limit(limit)).await?;
    let mut arns = Vec::with_capacity(page.rows.len());
    for (key, _) in &page.rows {
        arns.push(function(SignedFunctionKey::name(key)?).arn().to_string());
    }
    let last = page.resume().map(|key| SignedFunctionKey::name(key)).transpose()?;
    Ok(ListFunctionsByCodeSigningConfigOutput {
        next_marker: last.as_deref().map(paging::name_marker),
        function_arns: Some(arns),
    })
}
