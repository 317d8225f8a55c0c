//! `UpdateIntegration`.

use updraft_api_apigatewayv2::types::{UpdateIntegrationInput, UpdateIntegrationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{Draft, IntegrationRow, refuse_websocket};
use crate::{ApiGatewayV2, table};

pub(crate) async fn update_integration(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: UpdateIntegrationInput,
) -> Result<UpdateIntegrationOutput, AwsError> {
    refuse_websocket(&[
        (input.content_handling_strategy.is_some(), "ContentHandlingStrategy"),
        (input.request_templates.as_ref().is_some_and(|all| !all.is_empty()), "RequestTemplates"),
        (input.template_selection_expression.is_some(), "TemplateSelectionExpression"),
    ])?;
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    let row: IntegrationRow = table::find(&mut tx, api, &input.integration_id).await?;
    let row = Draft::from(&input).apply(row)?;
    table::put(&mut tx, api, &row)?;
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(row.into())
}
