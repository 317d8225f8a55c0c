//! `CreateApi`.

use updraft_api_apigatewayv2::types::{CreateApiInput, CreateApiOutput, ProtocolType};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{bad_request, not_implemented};
use crate::keys::ApiRef;
use crate::model::{ApiRow, CorsRow, Reachable, check_selection, new_id};
use crate::ops::quick_create::{Quick, quick_create};
use crate::{ApiGatewayV2, table};

pub(crate) async fn create_api(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: CreateApiInput,
) -> Result<CreateApiOutput, AwsError> {
    let row = new_api(cx, &input)?;
    let api = ApiRef::of(cx, &row.api_id);
    let mut tx = svc.store.write().await?;
    tx.put_row(&api, &row)?;
    table::touched(&mut tx, api).await?;
    match &input.target {
        Some(target) => {
            let (route_key, credentials_arn) = (input.route_key.as_deref(), input.credentials_arn.as_deref());
            quick_create(&mut tx, cx, api, Quick { target, route_key, credentials_arn }).await?;
        }
        None if input.route_key.is_some() => return Err(bad_request("RouteKey is only supported with a Target")),
        None => {}
    }
    tx.commit().await?;
    Ok(Reachable::new(cx, row).into())
}

fn new_api(cx: &Ctx, input: &CreateApiInput) -> Result<ApiRow, AwsError> {
    if input.protocol_type != ProtocolType::Http {
        return Err(not_implemented("WebSocket APIs are"));
    }
    check_selection(input.route_selection_expression.as_deref())?;
    let text = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.to_owned());
    Ok(ApiRow {
        api_id: new_id(&*cx.rng, 10),
        name: input.name.clone(),
        description: input.description.clone(),
        version: input.version.clone(),
        cors: input.cors_configuration.clone().map(|cors| CorsRow::from(cors).checked()).transpose()?,
        created: cx.now(),
        disable_execute_api_endpoint: input.disable_execute_api_endpoint.unwrap_or(false),
        route_selection_expression: text(&input.route_selection_expression, "$request.method $request.path"),
        api_key_selection_expression: text(&input.api_key_selection_expression, "$request.header.x-api-key"),
        ip_address_type: input.ip_address_type.as_ref().map_or("ipv4", |kind| kind.as_str()).to_owned(),
        tags: input.tags.clone().unwrap_or_default(),
    })
}
