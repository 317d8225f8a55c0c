//! `DeleteStage`.

use updraft_api_apigatewayv2::types::{DeleteStageInput, DeleteStageOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::StageRow;
use crate::{ApiGatewayV2, table};

pub(crate) async fn delete_stage(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: DeleteStageInput,
) -> Result<DeleteStageOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    table::api(&mut tx, api).await?;
    table::find::<StageRow>(&mut tx, api, &input.stage_name).await?;
    table::remove::<StageRow>(&mut tx, api, &input.stage_name);
    table::touched(&mut tx, api).await?;
    tx.commit().await?;
    Ok(DeleteStageOutput {})
}
