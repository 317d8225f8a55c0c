//! Layers as AWS shows them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_api_lambda::types::{
    Architecture, GetLayerVersionResponse, Layer as ShownLayer, LayerVersionContentOutput, LayerVersionsListItem,
    Runtime,
};
use updraft_kernel::Ctx;

use super::last_modified;
use crate::Lambda;
use crate::keys::LayerVersionRow;
use crate::model::attached::Layer;
use crate::model::config::Code;
use crate::model::layer::LayerVersion;

/// In a list.
pub(crate) fn item(version: &LayerVersion, row: &LayerVersionRow) -> LayerVersionsListItem {
    LayerVersionsListItem {
        layer_version_arn: Some(version.arn().to_string()),
        version: i64::try_from(version.number).ok(),
        description: Some(row.description.clone()),
        created_date: Some(last_modified(row.created)),
        compatible_architectures: architectures(row),
        compatible_runtimes: runtimes(row),
        license_info: row.license.clone(),
    }
}

/// Alone, with where its content is.
pub(crate) fn whole(svc: &Lambda, cx: &Ctx, version: &LayerVersion, row: &LayerVersionRow) -> GetLayerVersionResponse {
    GetLayerVersionResponse {
        content: Some(content(svc, cx, &row.code)),
        layer_arn: Some(version.layer.arn().to_string()),
        layer_version_arn: Some(version.arn().to_string()),
        description: Some(row.description.clone()),
        created_date: Some(last_modified(row.created)),
        version: i64::try_from(version.number).ok(),
        compatible_architectures: architectures(row),
        compatible_runtimes: runtimes(row),
        license_info: row.license.clone(),
    }
}

/// In the configuration of a function.
pub(crate) fn attached(layer: &Layer) -> ShownLayer {
    ShownLayer { arn: Some(layer.arn.clone()), code_size: i64::try_from(layer.code.size).ok(), ..ShownLayer::default() }
}

fn content(svc: &Lambda, cx: &Ctx, code: &Code) -> LayerVersionContentOutput {
    LayerVersionContentOutput {
        location: svc.location(cx, code),
        code_sha256: Some(STANDARD.encode(code.sha256)),
        code_size: i64::try_from(code.size).ok(),
        ..LayerVersionContentOutput::default()
    }
}

fn architectures(row: &LayerVersionRow) -> Option<Vec<Architecture>> {
    row.architectures.as_ref().map(|names| names.iter().cloned().map(Architecture::from).collect())
}

fn runtimes(row: &LayerVersionRow) -> Option<Vec<Runtime>> {
    row.runtimes.as_ref().map(|names| names.iter().cloned().map(Runtime::from).collect())
}
