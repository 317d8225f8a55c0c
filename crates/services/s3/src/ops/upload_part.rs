//! `UploadPart`: the bytes first; then the transaction that makes them a part, instead of one that had its number.

use updraft_api_s3::types::{UploadPartInput, UploadPartOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::about::part_number;
use crate::objects::claims::{self, Sums as _};
use crate::objects::encryption::{By, Encrypted as _, brought};
use crate::objects::part::{self, Place};
use crate::objects::receive::{Claims, Keep, receive};
use crate::objects::upload;
use crate::{S3, table};

pub(crate) async fn upload_part(svc: &S3, cx: &Ctx, mut input: UploadPartInput) -> Result<UploadPartOutput, AwsError> {
    let number = part_number(input.part_number)?;
    let customer = brought!(input);
    let body = input.body.take().unwrap_or_else(|| updraft_wire::ByteStream::whole(bytes::Bytes::new()));
    let said = input.checksum_algorithm.take();
    let given = input.given();
    let claimed = claims::checksum(given, said.as_ref().map(|said| said.as_str()), body.trailers())?;
    let place = Place {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        upload: &input.upload_id,
        number,
    };
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, place.bucket, place.owner).await?;
    let begun = upload::find(&mut tx, &bucket, place.key, place.upload).await?;
    drop(tx);
    let by = By::of_part(&begun, customer)?;
    let told = claimed.is_some() || begun.checksum.is_some();
    let checksum = part::claimed(&begun, claimed)?;
    let claims = Claims { md5: claims::md5(input.content_md5.as_deref(), false)?, checksum, lower: false };
    let received = receive(svc, &body, claims, (Keep::Part, by.seal(svc).await?)).await?;
    let part = part::put(svc, cx, place, received).await?;
    let mut output =
        UploadPartOutput { e_tag: Some(format!("\"{}\"", updraft_kernel::hex(&part.md5))), ..Default::default() };
    output.encrypted(by.told());
    if told {
        output.tell(&part.checksum);
    }
    Ok(output)
}
