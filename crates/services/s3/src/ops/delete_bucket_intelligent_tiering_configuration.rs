//! `DeleteBucketIntelligentTieringConfiguration`.

use updraft_api_s3::types::{
    DeleteBucketIntelligentTieringConfigurationInput, DeleteBucketIntelligentTieringConfigurationOutput,
};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, delete};
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_intelligent_tiering_configuration(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketIntelligentTieringConfigurationInput,
) -> Result<DeleteBucketIntelligentTieringConfigurationOutput, AwsError> {
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    delete(svc, cx, whose, Kind::IntelligentTiering).await?;
    Ok(DeleteBucketIntelligentTieringConfigurationOutput {})
}
