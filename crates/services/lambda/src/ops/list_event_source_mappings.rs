//! `ListEventSourceMappings`.

use updraft_api_lambda::types::{ListEventSourceMappingsInput, ListEventSourceMappingsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging;
use crate::Lambda;
use crate::keys::MappingKey;
use crate::model::name::Target;
use crate::table::name_of;
use crate::view::mappings::mapping;

/// AWS: more may be asked for, and isn't given.
const PAGE: usize = 100;

/// AWS: of a function that isn't there the mappings are listed all the same, for they outlive it.
pub(crate) async fn list_event_source_mappings(
    svc: &Lambda,
    cx: &Ctx,
    input: ListEventSourceMappingsInput,
) -> Result<ListEventSourceMappingsOutput, AwsError> {
    let function = input.function_name.map(|name| Target::parse(cx, &name, None)).transpose()?;
    let function = function.map(|target| target.qualified_name());
    let mut range = MappingKey::all(&cx.account, &cx.region);
    if let Some(marker) = &input.marker {
        range = range.after(&MappingKey(&cx.account, &cx.region, &paging::read_name(marker)?).encode());
    }
    let (limit, mut shown) = (paging::most(input.max_items, PAGE), Vec::new());
    let mut tx = svc.store.read().await?;
    loop {
        let page = tx.rows::<MappingKey<'_>>(range.clone(), ScanOptions::default()).await?;
        for (key, row) in &page.rows {
            if function.as_ref().is_some_and(|function| row.function != *function) {
                continue;
            }
            let found = mapping(cx, &name_of(key)?, row)?;
            if input.event_source_arn.is_some() && found.event_source_arn != input.event_source_arn {
                continue;
            }
            if shown.len() == limit {
                let last =
                    shown.last().and_then(|last: &updraft_api_lambda::types::EventSourceMappingConfiguration| {
                        last.uuid.as_deref().map(paging::name_marker)
                    });
                return Ok(ListEventSourceMappingsOutput { next_marker: last, event_source_mappings: Some(shown) });
            }
            shown.push(found);
        }
        match page.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(ListEventSourceMappingsOutput { next_marker: None, event_source_mappings: Some(shown) }),
        }
    }
}
