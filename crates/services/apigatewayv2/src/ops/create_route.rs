//! `CreateRoute`.

use updraft_api_apigatewayv2::types::{AuthorizationType, CreateRouteInput, CreateRouteOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::errors::{bad_request, not_implemented};
use crate::keys::ApiRef;
use crate::model::{IntegrationRow, RouteRow, check_against, new_id, refuse_websocket};
use crate::{ApiGatewayV2, table};

pub(crate) async fn create_route(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: CreateRouteInput,
) -> Result<CreateRouteOutput, AwsError> {
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
    let others: Vec<RouteRow> = table::all(&mut tx, api).await?;
    check_against(&input.route_key, &others)?;
    check_target(&mut tx, api, input.target.as_deref()).await?;
    let row = RouteRow {
        route_id: new_id(&*cx.rng, 7),
        route_key: input.route_key,
        target: input.target,
        operation_name: input.operation_name,
        managed: false,
    };
    table::put(&mut tx, api, &row)?;
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(row.into())
}

/// Nobody is let in who would have to be checked: what can't be enforced isn't accepted.
pub(super) fn refuse_authorization(kind: Option<&AuthorizationType>, key: Option<bool>) -> Result<(), AwsError> {
    if key == Some(true) {
        return Err(bad_request("ApiKeyRequired is not currently supported for HTTP APIs"));
    }
    match kind {
        None | Some(AuthorizationType::None) => Ok(()),
        Some(kind) => Err(not_implemented(&format!("Routes with the authorization type {kind} are"))),
    }
}

/// A route's target is an integration of its API.
pub(super) async fn check_target(tx: &mut Tx, api: ApiRef<'_>, target: Option<&str>) -> Result<(), AwsError> {
    let Some(target) = target else { return Ok(()) };
    let id = target.strip_prefix("integrations/");
    let id = id.ok_or_else(|| bad_request("Target must be of the form integrations/{integration-id}"))?;
    table::find::<IntegrationRow>(tx, api, id).await.map(drop)
}
