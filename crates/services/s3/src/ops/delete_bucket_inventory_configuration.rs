//! `DeleteBucketInventoryConfiguration`.

use updraft_api_s3::types::{DeleteBucketInventoryConfigurationInput, DeleteBucketInventoryConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, delete};
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_inventory_configuration(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketInventoryConfigurationInput,
) -> Result<DeleteBucketInventoryConfigurationOutput, AwsError> {
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    delete(svc, cx, whose, Kind::Inventory).await?;
    Ok(DeleteBucketInventoryConfigurationOutput {})
}
