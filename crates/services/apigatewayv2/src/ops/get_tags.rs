//! `GetTags`.

use updraft_api_apigatewayv2::types::{GetTagsInput, GetTagsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::ApiGatewayV2;
use crate::ops::tagged::Tagged;

pub(crate) async fn get_tags(svc: &ApiGatewayV2, cx: &Ctx, input: GetTagsInput) -> Result<GetTagsOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let tags = Tagged::parse(cx, &input.resource_arn)?.read(&mut tx, cx).await?;
    Ok(GetTagsOutput { tags: Some(tags) })
}
