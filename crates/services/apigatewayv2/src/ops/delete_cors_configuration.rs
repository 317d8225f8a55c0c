//! `DeleteCorsConfiguration`.

use updraft_api_apigatewayv2::types::{DeleteCorsConfigurationInput, DeleteCorsConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::ApiRow;
use crate::{ApiGatewayV2, table};

pub(crate) async fn delete_cors_configuration(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: DeleteCorsConfigurationInput,
) -> Result<DeleteCorsConfigurationOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    let row = table::api(&mut tx, api).await?;
    tx.put_row(&api, &ApiRow { cors: None, ..row })?;
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(DeleteCorsConfigurationOutput {})
}
