//! `GetBucketIntelligentTieringConfiguration`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    GetBucketIntelligentTieringConfigurationInput, GetBucketIntelligentTieringConfigurationOutput,
};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, get};
use crate::S3;
use crate::config::Kind;

pub(crate) async fn get_bucket_intelligent_tiering_configuration(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketIntelligentTieringConfigurationInput,
) -> Result<GetBucketIntelligentTieringConfigurationOutput, AwsError> {
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    let found = get(svc, cx, whose, (Kind::IntelligentTiering, &shapes::IntelligentTieringConfiguration)).await?;
    Ok(GetBucketIntelligentTieringConfigurationOutput { intelligent_tiering_configuration: Some(found) })
}
