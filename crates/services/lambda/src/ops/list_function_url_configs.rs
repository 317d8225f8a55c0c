//! `ListFunctionUrlConfigs`.

use updraft_api_lambda::types::{ListFunctionUrlConfigsInput, ListFunctionUrlConfigsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::create_function_url_config::missing;
use super::paging::{name_marker, page_size, read_name};
use crate::keys::UrlKey;
use crate::model::name::Target;
use crate::url::config;
use crate::{Lambda, table};

/// In markers, the function's own URL. No alias can be called so.
const OWN: &str = "$";

pub(crate) async fn list_function_url_configs(
    svc: &Lambda,
    cx: &Ctx,
    input: ListFunctionUrlConfigsInput,
) -> Result<ListFunctionUrlConfigsOutput, AwsError> {
    let target = Target { qualifier: None, ..Target::parse(cx, &input.function_name, None)? };
    let mut tx = svc.store.read().await?;
    table::function(&mut tx, &target).await.map_err(missing)?;
    let mut range = UrlKey::of(&target.id);
    if let Some(marker) = &input.marker {
        let last = read_name(marker)?;
        let last = Some(last.as_str()).filter(|last| *last != OWN);
        range = range.after(&UrlKey(&target.id, last).encode());
    }
    let page = tx.rows::<UrlKey<'_>>(range, ScanOptions::limit(page_size(input.max_items))).await?;
    let mut configs = Vec::new();
    for (key, row) in &page.rows {
        let of = Target { qualifier: UrlKey::qualifier(key)?, ..target.clone() };
        configs.push(config::shown(cx, &of, row));
    }
    let last = page.resume().map(|key| UrlKey::qualifier(key)).transpose()?;
    Ok(ListFunctionUrlConfigsOutput {
        function_url_configs: configs,
        next_marker: last.map(|last| name_marker(last.as_deref().unwrap_or(OWN))),
    })
}
