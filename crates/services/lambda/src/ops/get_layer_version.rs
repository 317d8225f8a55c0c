//! `GetLayerVersion`, and what `GetLayerVersionByArn` shares with it.

use updraft_api_lambda::types::{GetLayerVersionInput, GetLayerVersionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::not_found;
use crate::model::layer::LayerVersion;
use crate::view::layers::whole;
use crate::{Lambda, layers};

pub(crate) async fn get_layer_version(
    svc: &Lambda,
    cx: &Ctx,
    input: GetLayerVersionInput,
) -> Result<GetLayerVersionOutput, AwsError> {
    read(svc, cx, Some(LayerVersion::parse(cx, &input.layer_name, input.version_number)?)).await
}

pub(super) async fn read(
    svc: &Lambda,
    cx: &Ctx,
    version: Option<LayerVersion>,
) -> Result<GetLayerVersionOutput, AwsError> {
    let missing = || not_found("The resource you requested does not exist.");
    let version = version.filter(|version| version.layer.region == cx.region).ok_or_else(missing)?;
    let mut tx = svc.store.read().await?;
    let row = layers::readable(cx, &mut tx, &version).await?.ok_or_else(missing)?;
    Ok(whole(svc, cx, &version, &row))
}
