//! `GetIntegration`.

use updraft_api_apigatewayv2::types::{GetIntegrationInput, GetIntegrationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::IntegrationRow;
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_integration(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: GetIntegrationInput,
) -> Result<GetIntegrationOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let row: IntegrationRow = table::find(&mut tx, api, &input.integration_id).await?;
    Ok(row.into())
}
