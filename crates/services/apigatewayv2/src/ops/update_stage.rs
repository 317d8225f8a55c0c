//! `UpdateStage`.

use updraft_api_apigatewayv2::types::{UpdateStageInput, UpdateStageOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::bad_request;
use crate::keys::ApiRef;
use crate::model::{
    DeploymentRow, RouteRow, StageRow, limits_of, logs_of, merge_limits, merge_variables, refuse_websocket,
};
use crate::{ApiGatewayV2, table};

pub(crate) async fn update_stage(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: UpdateStageInput,
) -> Result<UpdateStageOutput, AwsError> {
    refuse_websocket(&[(input.client_certificate_id.is_some(), "ClientCertificateId")])?;
    let api_id = input.api_id.clone();
    let api = ApiRef::of(cx, &api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    let stage: StageRow = table::find(&mut tx, api, &input.stage_name).await?;
    if let Some(id) = &input.deployment_id {
        table::find::<DeploymentRow>(&mut tx, api, id).await?;
    }
    let routes: Vec<RouteRow> = table::all(&mut tx, api).await?;
    let was_automatic = stage.auto_deploy;
    let mut row = updated(cx, stage, input, &routes)?;
    if row.auto_deploy {
        row = table::auto_deploy(&mut tx, cx, api, row)?;
    } else {
        if let Some(id) = row.deployment_id.as_ref().filter(|_| was_automatic) {
            // From now on it serves what it last deployed.
            table::snapshot(&mut tx, api, id).await?;
        }
        table::put(&mut tx, api, &row)?;
    }
    table::touched(&mut tx, api).await?;
    tx.commit().await?;
    Ok(row.into())
}

fn updated(cx: &Ctx, row: StageRow, input: UpdateStageInput, routes: &[RouteRow]) -> Result<StageRow, AwsError> {
    let auto_deploy = input.auto_deploy.unwrap_or(row.auto_deploy);
    if auto_deploy && input.deployment_id.is_some() {
        return Err(bad_request("Deployment ID can not be set on a stage with auto-deploy enabled"));
    }
    let mut row = StageRow {
        auto_deploy,
        deployment_id: input.deployment_id.or(row.deployment_id),
        description: input.description.or(row.description),
        default_limits: input.default_route_settings.map_or(Ok(row.default_limits), limits_of)?,
        logs: input.access_log_settings.map(logs_of).or(row.logs),
        updated: cx.now(),
        ..row
    };
    merge_limits(&mut row.limits, input.route_settings.unwrap_or_default(), routes)?;
    merge_variables(&mut row.stage_variables, input.stage_variables.unwrap_or_default());
    Ok(row)
}
