//! `GetApi`.

use updraft_api_apigatewayv2::types::{GetApiInput, GetApiOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::Reachable;
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_api(svc: &ApiGatewayV2, cx: &Ctx, input: GetApiInput) -> Result<GetApiOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let row = table::api(&mut tx, ApiRef::of(cx, &input.api_id)).await?;
    Ok(Reachable::new(cx, row).into())
}
