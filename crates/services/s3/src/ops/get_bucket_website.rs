//! `GetBucketWebsite`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{GetBucketWebsiteInput, GetBucketWebsiteOutput, WebsiteConfiguration};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::config::Kind;
use crate::errors::not_configured;
use crate::{S3, codes};

pub(crate) async fn get_bucket_website(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketWebsiteInput,
) -> Result<GetBucketWebsiteOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let (bucket, found) =
        get::<WebsiteConfiguration>(svc, cx, whose, (Kind::Website, &shapes::WebsiteConfiguration)).await?;
    let missing = || {
        not_configured(
            &codes::NO_SUCH_WEBSITE_CONFIGURATION,
            "The specified bucket does not have a website configuration",
            &bucket.name,
        )
    };
    let WebsiteConfiguration { error_document, index_document, redirect_all_requests_to, routing_rules } =
        found.ok_or_else(missing)?;
    Ok(GetBucketWebsiteOutput { error_document, index_document, redirect_all_requests_to, routing_rules })
}
