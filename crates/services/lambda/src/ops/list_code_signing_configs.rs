//! `ListCodeSigningConfigs`.

use updraft_api_lambda::types::{ListCodeSigningConfigsInput, ListCodeSigningConfigsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging;
use crate::Lambda;
use crate::keys::SigningKey;
use crate::table::name_of;
use crate::view::signing::config;

pub(crate) async fn list_code_signing_configs(
    svc: &Lambda,
    cx: &Ctx,
    input: ListCodeSigningConfigsInput,
) -> Result<ListCodeSigningConfigsOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let mut range = SigningKey::all(&cx.account, &cx.region);
    if let Some(marker) = &input.marker {
        range = range.after(&SigningKey(&cx.account, &cx.region, &paging::read_name(marker)?).encode());
    }
    let limit = paging::most(input.max_items, paging::MANY);
    let page = tx.rows::<SigningKey<'_>>(range, ScanOptions::limit(limit)).await?;
    let mut configs = Vec::with_capacity(page.rows.len());
    for (key, row) in &page.rows {
        configs.push(config(cx, &name_of(key)?, row));
    }
    let last = page.resume().map(|key| name_of(key)).transpose()?;
    Ok(ListCodeSigningConfigsOutput {
        next_marker: last.as_deref().map(paging::name_marker),
        code_signing_configs: Some(configs),
    })
}
