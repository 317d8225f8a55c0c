//! `ListFunctionEventInvokeConfigs`.

use updraft_api_lambda::types::{ListFunctionEventInvokeConfigsInput, ListFunctionEventInvokeConfigsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{marker, page_size, read_marker};
use super::put_function_event_invoke_config::{exists, settled_on};
use crate::Lambda;
use crate::keys::EventSettingsKey;
use crate::model::name::{Target, Version};
use crate::table::second_name;
use crate::view::event_settings;

pub(crate) async fn list_function_event_invoke_configs(
    svc: &Lambda,
    cx: &Ctx,
    input: ListFunctionEventInvokeConfigsInput,
) -> Result<ListFunctionEventInvokeConfigsOutput, AwsError> {
    let target = settled_on(Target::parse(cx, &input.function_name, None)?.unqualified());
    let mut tx = svc.store.read().await?;
    exists(&mut tx, &target).await?;
    let mut range = EventSettingsKey::all(&target.id);
    if let Some(marker) = &input.marker {
        let (qualifier, _) = read_marker(marker)?;
        range = range.after(&EventSettingsKey(&target.id, &qualifier).encode());
    }
    let limit = ScanOptions::limit(page_size(input.max_items));
    let page = tx.rows::<EventSettingsKey<'_>>(range, limit).await?;
    let next = page.resume().map(|key| second_name(key)).transpose()?;
    let mut configs = Vec::new();
    for (key, settings) in page.rows {
        let of = Target { qualifier: Some(second_name(&key)?), ..target.clone() };
        configs.push(event_settings(&of, settings));
    }
    Ok(ListFunctionEventInvokeConfigsOutput {
        function_event_invoke_configs: Some(configs),
        next_marker: next.map(|qualifier| marker(&qualifier, Version::LATEST)),
    })
}
