//! `GetDeployment`.

use updraft_api_apigatewayv2::types::{GetDeploymentInput, GetDeploymentOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::DeploymentRow;
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_deployment(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: GetDeploymentInput,
) -> Result<GetDeploymentOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let row: DeploymentRow = table::find(&mut tx, api, &input.deployment_id).await?;
    Ok(row.into())
}
