//! `GetStages`.

use updraft_api_apigatewayv2::types::{GetStagesInput, GetStagesOutput, Stage};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{StageRow, page};
use crate::{ApiGatewayV2, table};

pub(crate) async fn get_stages(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: GetStagesInput,
) -> Result<GetStagesOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.read().await?;
    table::api(&mut tx, api).await?;
    let rows: Vec<StageRow> = table::all(&mut tx, api).await?;
    let (rows, next_token) =
        page(rows, |row| &row.stage_name, input.max_results.as_deref(), input.next_token.as_deref())?;
    Ok(GetStagesOutput { items: Some(rows.into_iter().map(Stage::from).collect()), next_token })
}
