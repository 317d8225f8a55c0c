//! `GetLayerVersionByArn`.

use updraft_api_lambda::types::{GetLayerVersionByArnInput, GetLayerVersionByArnOutput};
use updraft_kernel::{AwsError, Ctx};

use super::get_layer_version::read;
use crate::Lambda;
use crate::model::layer::LayerVersion;

pub(crate) async fn get_layer_version_by_arn(
    svc: &Lambda,
    cx: &Ctx,
    input: GetLayerVersionByArnInput,
) -> Result<GetLayerVersionByArnOutput, AwsError> {
    read(svc, cx, LayerVersion::of_arn(&input.arn)).await
}
