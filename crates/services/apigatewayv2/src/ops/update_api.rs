//! `UpdateApi`.

use updraft_api_apigatewayv2::types::{UpdateApiInput, UpdateApiOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ApiRef;
use crate::model::{ApiRow, CorsRow, Reachable, check_selection};
use crate::ops::quick_create::quick_update;
use crate::{ApiGatewayV2, table};

pub(crate) async fn update_api(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: UpdateApiInput,
) -> Result<UpdateApiOutput, AwsError> {
    let api = ApiRef::of(cx, &input.api_id);
    let mut tx = svc.store.write().await?;
    let row = table::api(&mut tx, api).await?;
    check_selection(input.route_selection_expression.as_deref())?;
    let cors = input.cors_configuration.map(|cors| CorsRow::from(cors).checked()).transpose()?;
    let row = ApiRow {
        name: input.name.unwrap_or(row.name),
        description: input.description.or(row.description),
        version: input.version.or(row.version),
        cors: cors.or(row.cors),
        disable_execute_api_endpoint: input.disable_execute_api_endpoint.unwrap_or(row.disable_execute_api_endpoint),
        ip_address_type: input.ip_address_type.map_or(row.ip_address_type, |kind| kind.as_str().to_owned()),
        ..row
    };
    tx.put_row(&api, &row)?;
    quick_update(&mut tx, api, input.target, input.route_key).await?;
    table::changed(&mut tx, cx, api).await?;
    tx.commit().await?;
    Ok(Reachable::new(cx, row).into())
}
