//! `UntagResource`.

use updraft_api_apigatewayv2::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::ApiGatewayV2;
use crate::ops::tagged::Tagged;

pub(crate) async fn untag_resource(
    svc: &ApiGatewayV2,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let resource = Tagged::parse(cx, &input.resource_arn)?;
    resource.change(&mut tx, cx, |tags| tags.retain(|key, _| !input.tag_keys.contains(key))).await?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
