//! `UpdateRoute`.

use updraft_api_apigatewayv2::types::{UpdateRouteInput, UpdateRouteOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{RouteRow, check_against, refuse_websocket};
use crate::ops::create_route::{check_target, refuse_authorization};
use crate::{ApiGatewayV2, table};

pub(crate) async fn update_route(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: UpdateRouteInput,
) -> Result<UpdateRouteOutput, AwsError> {
    refuse_websocket(&[
        (input.model_selection_expression.is_some(), "ModelSelectionExpression"),
        (input.request_models.as_ref().is_some_and(|models| !models.is_empty()), "RequestModels"),
        (input.request_parameters.as_ref().is_some_and(|all| !all.is_empty()), "RequestParameters"),
        (input.route_response_selection_expression.is_some(), "RouteResponseSelectionExpression"),
    ])?;
    refuse_authorization(input.authorization_type.as_ref(), input.api_key_required)?;
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    let row: RouteRow = table::find(&mut tx, api, &input.route_id).await?;
    if let Some(key) = &input.route_key {
        let all: Vec<RouteRow> = table::all(&mut tx, api).await?;
        check_against(key, all.iter().filter(|other| other.route_id != row.route_id))?;
    }
    check_target(&mut tx, api, input.target.as_deref()).await?;
    let row = RouteRow {
        route_key: input.route_key.unwrap_or(row.route_key),
        target: input.target.or(row.target),
        operation_name: input.operation_name.or(row.operation_name),
        ..row
    };
    table::put(&mut tx, api, &row)?;
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(row.into())
}
