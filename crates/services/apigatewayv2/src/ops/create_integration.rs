//! `CreateIntegration`.

use updraft_api_apigatewayv2::types::{CreateIntegrationInput, CreateIntegrationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{Draft, new_id, refuse_websocket};
use crate::{ApiGatewayV2, table};

pub(crate) async fn create_integration(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: CreateIntegrationInput,
) -> Result<CreateIntegrationOutput, AwsError> {
    refuse_websocket(&[
        (input.content_handling_strategy.is_some(), "ContentHandlingStrategy"),
        (input.request_templates.as_ref().is_some_and(|all| !all.is_empty()), "RequestTemplates"),
        (input.template_selection_expression.is_some(), "TemplateSelectionExpression"),
    ])?;
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    let row = Draft::from(&input).create(new_id(&*cx.rng, 7))?;
    table::put(&mut tx, api, &row)?;
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(row.into())
}
