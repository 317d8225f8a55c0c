//! `PutBucketIntelligentTieringConfiguration`: kept, and shown.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    PutBucketIntelligentTieringConfigurationInput, PutBucketIntelligentTieringConfigurationOutput,
};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, put};
use crate::S3;
use crate::config::Kind;
use crate::model::listed;

pub(crate) async fn put_bucket_intelligent_tiering_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketIntelligentTieringConfigurationInput,
) -> Result<PutBucketIntelligentTieringConfigurationOutput, AwsError> {
    listed::tiering(&input.id, &input.intelligent_tiering_configuration)?;
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    put(
        svc,
        cx,
        whose,
        (Kind::IntelligentTiering, &shapes::IntelligentTieringConfiguration),
        input.intelligent_tiering_configuration,
    )
    .await?;
    Ok(PutBucketIntelligentTieringConfigurationOutput {})
}
