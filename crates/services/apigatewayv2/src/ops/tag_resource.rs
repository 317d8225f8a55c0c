//! `TagResource`.

use updraft_api_apigatewayv2::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::ApiGatewayV2;
use crate::ops::tagged::Tagged;

pub(crate) async fn tag_resource(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let resource = Tagged::parse(cx, &input.resource_arn)?;
    resource.change(&mut tx, cx, |tags| tags.extend(input.tags.unwrap_or_default())).await?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
