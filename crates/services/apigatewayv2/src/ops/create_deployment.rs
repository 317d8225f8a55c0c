//! `CreateDeployment`.

use updraft_api_apigatewayv2::types::{CreateDeploymentInput, CreateDeploymentOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::bad_request;
use crate::keys::ApiRef;
use crate::model::{DeploymentRow, StageRow, new_id};
use crate::{ApiGatewayV2, table};

pub(crate) async fn create_deployment(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: CreateDeploymentInput,
) -> Result<CreateDeploymentOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    let row = DeploymentRow {
        deployment_id: new_id(&*cx.rng, 6),
        description: input.description,
        created: cx.now(),
        auto_deployed: false,
    };
    table::put(&mut tx, api, &row)?;
    table::snapshot(&mut tx, api, &row.deployment_id).await?;
    if let Some(name) = &input.stage_name {
        let stage: StageRow = table::find(&mut tx, api, name).await?;
        if stage.auto_deploy {
            return Err(bad_request("Deployment on a stage with auto-deploy enabled is not allowed"));
        }
        let deployment_id = Some(row.deployment_id.clone());
        table::put(&mut tx, api, &StageRow { deployment_id, updated: cx.now(), ..stage })?;
        table::touched(&mut tx, api).await?;
    }
    tx.commit().await?;
    Ok(row.into())
}
