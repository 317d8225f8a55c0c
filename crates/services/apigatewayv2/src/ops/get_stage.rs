//! `GetStage`.

use updraft_api_apigatewayv2::types::{GetStageInput, GetStageOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::StageRow;
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_stage(svc: &ApiGatewayV2, cx: &Ctx, input: GetStageInput) -> Result<GetStageOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let row: StageRow = table::find(&mut tx, api, &input.stage_name).await?;
    Ok(row.into())
}
