//! `PutObject`: the bytes first, checked and synced; then the transaction that makes an object of them.

use updraft_api_s3::types::{PutObjectInput, PutObjectOutput};
use updraft_kernel::{AwsError, Ctx, SignedBy};
use updraft_store::StoreExt as _;

use crate::notify::Happening;
use crate::objects::about::{about, check_key};
use crate::objects::acl::{self, acl_of};
use crate::objects::claims::{self, Sums as _};
use crate::objects::conditions::OfWrite;
use crate::objects::encryption::{By, Encrypted as _, encryption};
use crate::objects::lock::{self, lock};
use crate::objects::receive::{Claims, Keep, receive};
use crate::objects::write::{self, Write};
use crate::{S3, lifecycle, table};

pub(crate) async fn put_object(svc: &S3, cx: &Ctx, mut input: PutObjectInput) -> Result<PutObjectOutput, AwsError> {
    check_key(&input.key)?;
    let conditions = OfWrite { if_match: input.if_match.as_deref(), if_none_match: input.if_none_match.as_deref() };
    conditions.parse()?;
    let body = input.body.take().unwrap_or_else(|| updraft_wire::ByteStream::whole(bytes::Bytes::new()));
    let said = input.checksum_algorithm.take();
    let given = input.given();
    let claims = Claims {
        md5: claims::md5(input.content_md5.as_deref(), true)?,
        checksum: claims::checksum(given, said.as_ref().map(|said| said.as_str()), body.trailers())?,
        lower: false,
    };
    let mut about = about!(input);
    let (asked, locked) = (encryption!(input), lock!(input, cx.now()));
    let (bucket, owner, key) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref(), input.key.as_str());
    // Before the body is asked for, so that a client that waits to be asked doesn't send it in vain.
    let mut tx = svc.parts.store.read().await?;
    let found = table::bucket(&mut tx, cx, bucket, owner).await?;
    let by = By::chosen(&mut tx, &found, asked).await?;
    let locked = lock::chosen(&mut tx, &found, locked, cx.now()).await?;
    about.acl = acl::chosen(&mut tx, cx, &found, acl_of!(input)).await?;
    lock::summed(locked, claims.md5.is_some() || claims.checksum.is_some())?;
    drop(tx);
    let received = receive(svc, &body, claims, (Keep::Object, by.seal(svc).await?)).await?;
    let conditions = OfWrite { if_match: input.if_match.as_deref(), if_none_match: input.if_none_match.as_deref() };
    let write = Write { bucket, owner, key, conditions, what: happening(cx) };
    let (bucket, placed) = write::put(svc, cx, write, received.object(about, locked)).await?;
    let mut output = PutObjectOutput { version_id: placed.id(&bucket), ..Default::default() };
    output.encrypted(by.told());
    if let Some(object) = &placed.version.object {
        let made = (placed.order, placed.version.at);
        output.expiration = lifecycle::expiration(svc, (&bucket, key), made, object).await?;
        output.e_tag = Some(format!("\"{}\"", object.etag));
        if let Some(checksum) = &object.checksum {
            output.tell(checksum);
            output.checksum_type = Some(checksum.kind().into());
        }
    }
    Ok(output)
}

/// A form comes to the same, but by another name.
fn happening(cx: &Ctx) -> Happening {
    let form = cx.via.as_deref().is_some_and(|via| via.signed == Some(SignedBy::Form));
    if form { Happening::CreatedPost } else { Happening::CreatedPut }
}
