//! `DeleteApi`.

use updraft_api_apigatewayv2::types::{DeleteApiInput, DeleteApiOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::{ApiGatewayV2, table};

pub(crate) async fn delete_api(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: DeleteApiInput,
) -> Result<DeleteApiOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    table::remove_api(&mut tx, api);
    tx.commit().await?;
    Ok(DeleteApiOutput {})
}
