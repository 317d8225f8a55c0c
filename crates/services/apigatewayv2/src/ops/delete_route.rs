//! `DeleteRoute`.

use updraft_api_apigatewayv2::types::{DeleteRouteInput, DeleteRouteOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::RouteRow;
use crate::{ApiGatewayV2, table};

pub(crate) async fn delete_route(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: DeleteRouteInput,
) -> Result<DeleteRouteOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    table::find::<RouteRow>(&mut tx, api, &input.route_id).await?;
    table::remove::<RouteRow>(&mut tx, api, &input.route_id);
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(DeleteRouteOutput {})
}
