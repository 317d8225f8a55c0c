//! `DeleteIntegration`.

use updraft_api_apigatewayv2::types::{DeleteIntegrationInput, DeleteIntegrationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::integration_in_use;
use crate::keys::ApiRef;
use crate::model::{IntegrationRow, RouteRow};
use crate::{ApiGatewayV2, table};

pub(crate) async fn delete_integration(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: DeleteIntegrationInput,
) -> Result<DeleteIntegrationOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    table::find::<IntegrationRow>(&mut tx, api, &input.integration_id).await?;
    let routes: Vec<RouteRow> = table::all(&mut tx, api).await?;
    let used = |route: &&RouteRow| route.integration_id() == Some(&input.integration_id);
    let users: Vec<_> = routes.iter().filter(used).map(|route| route.route_id.clone()).collect();
    if !users.is_empty() {
        return Err(integration_in_use(&users));
    }
    table::remove::<IntegrationRow>(&mut tx, api, &input.integration_id);
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(DeleteIntegrationOutput {})
}
