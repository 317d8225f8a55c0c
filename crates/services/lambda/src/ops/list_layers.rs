//! `ListLayers`.

use updraft_api_lambda::types::{LayersListItem, ListLayersInput, ListLayersOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt, Tx};

use super::list_layer_versions::Filter;
use super::paging;
use crate::keys::{LayerKey, LayerVersionKey};
use crate::model::layer::{LayerId, LayerVersion};
use crate::table::name_of;
use crate::view::layers::item;
use crate::{Lambda, table};

pub(crate) async fn list_layers(svc: &Lambda, cx: &Ctx, input: ListLayersInput) -> Result<ListLayersOutput, AwsError> {
    let filter = Filter::new(input.compatible_runtime.as_ref(), input.compatible_architecture.as_ref())?;
    let mut tx = svc.store.read().await?;
    let mut range = LayerKey::all(&cx.account, &cx.region);
    if let Some(marker) = &input.marker {
        range = range.after(&LayerKey(&LayerId::parse(cx, &paging::read_name(marker)?)).encode());
    }
    let (limit, mut layers) = (paging::page_size(input.max_items), Vec::new());
    loop {
        let page = tx.rows::<LayerKey<'_>>(range.clone(), ScanOptions::default()).await?;
        for (key, _) in &page.rows {
            let name = name_of(key)?;
            let Some(found) = newest(cx, &mut tx, name, &filter).await? else { continue };
            if layers.len() == limit {
                let last: Option<&LayersListItem> = layers.last();
                let next_marker = last.and_then(|last| last.layer_name.as_deref()).map(paging::name_marker);
                return Ok(ListLayersOutput { next_marker, layers: Some(layers) });
            }
            layers.push(found);
        }
        match page.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(ListLayersOutput { next_marker: None, layers: Some(layers) }),
        }
    }
}

/// The layer with its newest version that is asked for; none, if there is no such version.
async fn newest(cx: &Ctx, tx: &mut Tx, name: String, filter: &Filter<'_>) -> Result<Option<LayersListItem>, AwsError> {
    let layer = LayerId::parse(cx, &name);
    let versions = table::all::<LayerVersionKey<'_>>(tx, LayerVersionKey::of(&layer)).await?;
    let Some((key, row)) = versions.iter().find(|(_, row)| filter.takes(row)) else { return Ok(None) };
    let arn = layer.arn().to_string();
    let version = LayerVersion { layer, number: LayerVersionKey::number(key)? };
    Ok(Some(LayersListItem {
        layer_name: Some(name),
        layer_arn: Some(arn),
        latest_matching_version: Some(item(&version, row)),
    }))
}
