//! `GetObjectTagging`: the tags of a version.

use updraft_api_s3::types::{GetObjectTaggingInput, GetObjectTaggingOutput, Tag};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::conditions::OfRead;
use crate::objects::read::{self, Wanted};
use crate::{S3, table};

pub(crate) async fn get_object_tagging(
    svc: &S3,
    cx: &Ctx,
    input: GetObjectTaggingInput,
) -> Result<GetObjectTaggingOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (key, version) = (input.key.as_str(), input.version_id.as_deref());
    let wanted = Wanted { key, version, range: None, part: None, conditions: OfRead::default(), method: "GET" };
    let (found, object) = read::existing(&mut tx, &bucket, wanted).await?;
    let tag_set = object.about.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
    Ok(GetObjectTaggingOutput { version_id: read::shown_id(&bucket, &found), tag_set })
}
