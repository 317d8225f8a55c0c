//! `GetRoute`.

use updraft_api_apigatewayv2::types::{GetRouteInput, GetRouteOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::RouteRow;
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_route(svc: &ApiGatewayV2, cx: &Ctx, input: GetRouteInput) -> Result<GetRouteOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let row: RouteRow = table::find(&mut tx, api, &input.route_id).await?;
    Ok(row.into())
}
