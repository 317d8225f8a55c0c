//! `GetBucketInventoryConfiguration`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{GetBucketInventoryConfigurationInput, GetBucketInventoryConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, get};
use crate::S3;
use crate::config::Kind;

pub(crate) async fn get_bucket_inventory_configuration(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketInventoryConfigurationInput,
) -> Result<GetBucketInventoryConfigurationOutput, AwsError> {
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    let found = get(svc, cx, whose, (Kind::Inventory, &shapes::InventoryConfiguration)).await?;
    Ok(GetBucketInventoryConfigurationOutput { inventory_configuration: Some(found) })
}
