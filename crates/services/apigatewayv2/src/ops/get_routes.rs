//! `GetRoutes`.

use updraft_api_apigatewayv2::types::{GetRoutesInput, GetRoutesOutput, Route};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{RouteRow, page};
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_routes(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: GetRoutesInput,
) -> Result<GetRoutesOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let rows: Vec<RouteRow> = table::all(&mut tx, api).await?;
    let (rows, next_token) =
        page(rows, |row| &row.route_id, input.max_results.as_deref(), input.next_token.as_deref())?;
    Ok(GetRoutesOutput { items: Some(rows.into_iter().map(Route::from).collect()), next_token })
}
