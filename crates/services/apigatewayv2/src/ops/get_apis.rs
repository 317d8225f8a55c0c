//! `GetApis`.

use updraft_api_apigatewayv2::types::{GetApisInput, GetApisOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::{Reachable, page};
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_apis(svc: &ApiGatewayV2, cx: &Ctx, input: GetApisInput) -> Result<GetApisOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let rows = table::all_apis(&mut tx, cx).await?;
    let (rows, next_token) = page(rows, |row| &row.api_id, input.max_results.as_deref(), input.next_token.as_deref())?;
    let items = rows.into_iter().map(|row| Reachable::new(cx, row).into()).collect();
    Ok(GetApisOutput { items: Some(items), next_token })
}
