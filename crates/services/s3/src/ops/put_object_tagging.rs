//! `PutObjectTagging`: gives a version these tags instead of those that it had.

use updraft_api_s3::types::{PutObjectTaggingInput, PutObjectTaggingOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::S3;
use crate::notify::Happening;
use crate::objects::about::check_tags;
use crate::objects::tagging::{Tagged, tag};

pub(crate) async fn put_object_tagging(
    svc: &S3,
    cx: &Ctx,
    input: PutObjectTaggingInput,
) -> Result<PutObjectTaggingOutput, AwsError> {
    // AWS: no set of tags is as good as an empty one, of objects.
    let tags = input.tagging.tag_set.unwrap_or_default();
    let tags = check_tags(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())?;
    let tagged = Tagged {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        version: input.version_id.as_deref(),
        method: "PUT",
        what: Happening::TaggingPut,
    };
    Ok(PutObjectTaggingOutput { version_id: tag(svc, cx, tagged, tags).await? })
}
