//! `ListLayerVersions`, and the filters that `ListLayers` shares.

use updraft_api_lambda::types::{Architecture, ListLayerVersionsInput, ListLayerVersionsOutput, Runtime};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging;
use crate::errors::invalid_parameter;
use crate::keys::{LayerVersionKey, LayerVersionRow};
use crate::model::layer::{LayerId, LayerVersion};
use crate::model::runtime;
use crate::view::layers::item;
use crate::{Lambda, layers};

pub(crate) async fn list_layer_versions(
    svc: &Lambda,
    cx: &Ctx,
    input: ListLayerVersionsInput,
) -> Result<ListLayerVersionsOutput, AwsError> {
    let filter = Filter::new(input.compatible_runtime.as_ref(), input.compatible_architecture.as_ref())?;
    let layer = LayerId::parse(cx, &input.layer_name);
    layers::own(cx, &layer, "ListLayerVersions")?;
    let mut tx = svc.store.read().await?;
    let mut range = LayerVersionKey::of(&layer);
    if let Some(marker) = &input.marker {
        let number = paging::read_name(marker)?.parse().map_err(|_| invalid_parameter("Invalid marker"))?;
        range = range.after(&LayerVersionKey(&LayerVersion { layer: layer.clone(), number }).encode());
    }
    let (limit, mut shown) = (paging::page_size(input.max_items), Vec::new());
    loop {
        let page = tx.rows::<LayerVersionKey<'_>>(range.clone(), ScanOptions::default()).await?;
        for (key, row) in page.rows.iter().filter(|(_, row)| filter.takes(row)) {
            let version = LayerVersion { layer: layer.clone(), number: LayerVersionKey::number(key)? };
            if shown.len() == limit {
                let last: Option<&(u64, _)> = shown.last();
                let next_marker = last.map(|(number, _)| paging::name_marker(&number.to_string()));
                return Ok(answer(next_marker, shown));
            }
            shown.push((version.number, item(&version, row)));
        }
        match page.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(answer(None, shown)),
        }
    }
}

fn answer(
    next_marker: Option<String>,
    shown: Vec<(u64, updraft_api_lambda::types::LayerVersionsListItem)>,
) -> ListLayerVersionsOutput {
    let layer_versions = Some(shown.into_iter().map(|(_, item)| item).collect());
    ListLayerVersionsOutput { next_marker, layer_versions }
}

/// Which versions are asked for.
pub(super) struct Filter<'a> {
    runtime: Option<&'a str>,
    architecture: Option<&'a str>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(runtime: Option<&'a Runtime>, architecture: Option<&'a Architecture>) -> Result<Self, AwsError> {
        let runtime = runtime.map(runtime::check_compatible).transpose()?;
        Ok(Self { runtime, architecture: architecture.map(Architecture::as_str) })
    }

    /// AWS: what a version doesn't say it is compatible with isn't found by that.
    pub(super) fn takes(&self, row: &LayerVersionRow) -> bool {
        let holds = |names: &Option<Vec<String>>, wanted: Option<&str>| {
            wanted.is_none_or(|wanted| names.iter().flatten().any(|name| name == wanted))
        };
        holds(&row.runtimes, self.runtime) && holds(&row.architectures, self.architecture)
    }
}
