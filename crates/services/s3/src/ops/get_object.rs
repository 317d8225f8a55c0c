//! `GetObject`: an object, or a part of it, streamed.

use updraft_api_s3::types::{GetObjectInput, GetObjectOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::conditions::OfRead;
use crate::objects::encryption::{Opener, brought};
use crate::objects::read::{self, Wanted};
use crate::objects::send::send;
use crate::objects::told::told;
use crate::{S3, lifecycle, table};

pub(crate) async fn get_object(svc: &S3, cx: &Ctx, input: GetObjectInput) -> Result<GetObjectOutput, AwsError> {
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
        method: "GET",
    };
    let seen = read::look(cx, &mut tx, &bucket, (wanted, customer.as_ref())).await?;
    let made = (seen.found.order, seen.found.version.at);
    let expiration = lifecycle::expiration(svc, (&bucket, &input.key), made, &seen.object).await?;
    let opener = Opener::of(svc, seen.object.encryption, customer.as_ref()).await?;
    let body = send(svc, &mut tx, (seen.at(&bucket, &input.key), &seen.object), seen.span, opener).await?;
    let mut output = told!(GetObjectOutput, seen, input);
    output.body = Some(body);
    output.expiration = expiration;
    Ok(output)
}
