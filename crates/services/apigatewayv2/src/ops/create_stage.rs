//! `CreateStage`.

use std::collections::BTreeMap;

use updraft_api_apigatewayv2::types::{CreateStageInput, CreateStageOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{bad_request, conflict};
use crate::keys::{ApiRef, ChildKey};
use crate::model::{
    DeploymentRow, RouteRow, StageRow, check_stage_name, limits_of, logs_of, merge_limits, refuse_websocket,
};
use crate::{ApiGatewayV2, table};

pub(crate) async fn create_stage(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: CreateStageInput,
) -> Result<CreateStageOutput, AwsError> {
    refuse_websocket(&[(input.client_certificate_id.is_some(), "ClientCertificateId")])?;
    check_stage_name(&input.stage_name)?;
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    if tx.row(&ChildKey::<StageRow>::new(api, &input.stage_name)).await?.is_some() {
        return Err(conflict("Stage already exists"));
    }
    if let Some(id) = &input.deployment_id {
        table::find::<DeploymentRow>(&mut tx, api, id).await?;
    }
    let routes: Vec<RouteRow> = table::all(&mut tx, api).await?;
    let mut row = new_stage(cx, &input, &routes)?;
    if row.auto_deploy {
        row = table::auto_deploy(&mut tx, cx, api, row)?;
    } else {
        table::put(&mut tx, api, &row)?;
    }
    table::touched(&mut tx, api).await?;
    tx.commit().await?;
    Ok(row.into())
}

fn new_stage(cx: &Ctx, input: &CreateStageInput, routes: &[RouteRow]) -> Result<StageRow, AwsError> {
    let auto_deploy = input.auto_deploy.unwrap_or(false);
    if auto_deploy && input.deployment_id.is_some() {
        return Err(bad_request("Deployment ID can not be set on a stage with auto-deploy enabled"));
    }
    let mut limits = BTreeMap::new();
    merge_limits(&mut limits, input.route_settings.clone().unwrap_or_default(), routes)?;
    Ok(StageRow {
        stage_name: input.stage_name.clone(),
        auto_deploy,
        deployment_id: input.deployment_id.clone(),
        description: input.description.clone(),
        stage_variables: input.stage_variables.clone().unwrap_or_default(),
        default_limits: limits_of(input.default_route_settings.clone().unwrap_or_default())?,
        limits,
        logs: input.access_log_settings.clone().map(logs_of),
        created: cx.now(),
        updated: cx.now(),
        last_deployment_status_message: None,
        tags: input.tags.clone().unwrap_or_default(),
        managed: false,
    })
}
