//! `HeadObject`: what `GetObject` would say, without the bytes.

use updraft_api_s3::types::{HeadObjectInput, HeadObjectOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::conditions::OfRead;
use crate::objects::encryption::brought;
use crate::objects::read::{self, Wanted};
use crate::objects::told::told;
use crate::{S3, lifecycle, table};

pub(crate) async fn head_object(svc: &S3, cx: &Ctx, input: HeadObjectInput) -> Result<HeadObjectOutput, AwsError> {
    let customer = brought!(input);
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let conditions = OfRead {
        if_match: input.if_match.as_deref(),
        if_none_match: input.if_none_match.as_deref(),
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    let wanted = Wanted {
        key: &input.key,
        version: input.version_id.as_deref(),
        range: input.range.as_deref(),
        part: input.part_number,
        conditions,
        method: "HEAD",
    };
    let seen = read::look(cx, &mut tx, &bucket, (wanted, customer.as_ref())).await?;
    let made = (seen.found.order, seen.found.version.at);
    let expiration = lifecycle::expiration(svc, (&bucket, &input.key), made, &seen.object).await?;
    Ok(HeadObjectOutput { expiration, ..told!(HeadObjectOutput, seen, input) })
}
