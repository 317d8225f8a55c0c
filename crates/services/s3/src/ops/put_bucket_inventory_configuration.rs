//! `PutBucketInventoryConfiguration`: kept, and shown.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketInventoryConfigurationInput, PutBucketInventoryConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, put};
use crate::S3;
use crate::config::Kind;
use crate::model::listed;

pub(crate) async fn put_bucket_inventory_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketInventoryConfigurationInput,
) -> Result<PutBucketInventoryConfigurationOutput, AwsError> {
    listed::inventory(&input.id, &input.inventory_configuration)?;
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    put(svc, cx, whose, (Kind::Inventory, &shapes::InventoryConfiguration), input.inventory_configuration).await?;
    Ok(PutBucketInventoryConfigurationOutput {})
}
