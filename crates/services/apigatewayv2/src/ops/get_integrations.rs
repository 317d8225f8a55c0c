//! `GetIntegrations`.

use updraft_api_apigatewayv2::types::{GetIntegrationsInput, GetIntegrationsOutput, Integration};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{IntegrationRow, page};
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_integrations(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: GetIntegrationsInput,
) -> Result<GetIntegrationsOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let rows: Vec<IntegrationRow> = table::all(&mut tx, api).await?;
    let (rows, next_token) =
        page(rows, |row| &row.integration_id, input.max_results.as_deref(), input.next_token.as_deref())?;
    Ok(GetIntegrationsOutput { items: Some(rows.into_iter().map(Integration::from).collect()), next_token })
}
