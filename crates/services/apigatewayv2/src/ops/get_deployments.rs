//! `GetDeployments`.

use updraft_api_apigatewayv2::types::{Deployment, GetDeploymentsInput, GetDeploymentsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{DeploymentRow, page};
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_deployments(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: GetDeploymentsInput,
) -> Result<GetDeploymentsOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let rows: Vec<DeploymentRow> = table::all(&mut tx, api).await?;
    let (rows, next_token) =
        page(rows, |row| &row.deployment_id, input.max_results.as_deref(), input.next_token.as_deref())?;
    Ok(GetDeploymentsOutput { items: Some(rows.into_iter().map(Deployment::from).collect()), next_token })
}
