//! `DeleteObjectTagging`: takes all tags of a version away.

use updraft_api_s3::types::{DeleteObjectTaggingInput, DeleteObjectTaggingOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::S3;
use crate::notify::Happening;
use crate::objects::tagging::{Tagged, tag};

pub(crate) async fn delete_object_tagging(
    svc: &S3,
    cx: &Ctx,
    input: DeleteObjectTaggingInput,
) -> Result<DeleteObjectTaggingOutput, AwsError> {
    let tags = Vec::new();
    let tagged = Tagged {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        version: input.version_id.as_deref(),
        method: "DELETE",
        what: Happening::TaggingDelete,
    };
    Ok(DeleteObjectTaggingOutput { version_id: tag(svc, cx, tagged, tags).await? })
}
