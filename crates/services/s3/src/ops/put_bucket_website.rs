//! `PutBucketWebsite`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketWebsiteInput, PutBucketWebsiteOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::put;
use crate::S3;
use crate::config::Kind;
use crate::model::website;

pub(crate) async fn put_bucket_website(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketWebsiteInput,
) -> Result<PutBucketWebsiteOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    website::check(&input.website_configuration)?;
    put(svc, cx, whose, (Kind::Website, &shapes::WebsiteConfiguration), input.website_configuration).await?;
    Ok(PutBucketWebsiteOutput {})
}
