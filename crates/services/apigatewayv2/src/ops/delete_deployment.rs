//! `DeleteDeployment`.

use updraft_api_apigatewayv2::types::{DeleteDeploymentInput, DeleteDeploymentOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::bad_request;
use crate::keys::ApiRef;
use crate::model::{DeploymentRow, Snapshot, StageRow};
use crate::{ApiGatewayV2, table};

pub(crate) async fn delete_deployment(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: DeleteDeploymentInput,
) -> Result<DeleteDeploymentOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    table::find::<DeploymentRow>(&mut tx, api, &input.deployment_id).await?;
    let stages: Vec<StageRow> = table::all(&mut tx, api).await?;
    if stages.iter().any(|stage| stage.deployment_id.as_ref() == Some(&input.deployment_id)) {
        return Err(bad_request("Active stages pointing to this deployment must be moved or deleted"));
    }
    table::remove::<DeploymentRow>(&mut tx, api, &input.deployment_id);
    table::remove::<Snapshot>(&mut tx, api, &input.deployment_id);
    tx.commit().await?;
    Ok(DeleteDeploymentOutput {})
}
