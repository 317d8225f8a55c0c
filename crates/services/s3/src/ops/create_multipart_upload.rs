//! `CreateMultipartUpload`: begins an upload in parts.

use updraft_api_s3::types::{CreateMultipartUploadInput, CreateMultipartUploadOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::keys::Numbered;
use crate::objects::about::{about, check_key};
use crate::objects::acl::{self, acl_of};
use crate::objects::encryption::{By, Encrypted as _, encryption};
use crate::objects::keys::UploadKey;
use crate::objects::lock::{self, lock};
use crate::objects::row::Upload;
use crate::objects::{claims, upload};
use crate::{S3, lifecycle, table};

pub(crate) async fn create_multipart_upload(
    svc: &S3,
    cx: &Ctx,
    mut input: CreateMultipartUploadInput,
) -> Result<CreateMultipartUploadOutput, AwsError> {
    check_key(&input.key)?;
    let mut about = about!(input);
    let (asked, lock) = (encryption!(input), lock!(input, cx.now()));
    let algorithm = input.checksum_algorithm.as_ref().map(|given| claims::algorithm(given.as_str())).transpose()?;
    let checksum = upload::sums(algorithm, input.checksum_type.as_ref().map(|kind| kind.as_str()))?;
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let id = upload::new_id(cx, &input.key, &*cx.rng);
    let key = UploadKey { bucket: Numbered::of(&bucket), key: &input.key, id: &id };
    about.acl = acl::chosen(&mut tx, cx, &bucket, acl_of!(input)).await?;
    let encryption = By::chosen(&mut tx, &bucket, asked).await?.told();
    lock::chosen(&mut tx, &bucket, lock, cx.now()).await?;
    tx.put_row(&key, &Upload { at: cx.now(), about, checksum, encryption, lock })?;
    let (abort_date, abort_rule_id) = lifecycle::abort(&mut tx, (&bucket, &input.key), cx.now()).await?.unzip();
    tx.commit().await?;
    let mut output = CreateMultipartUploadOutput {
        abort_date,
        abort_rule_id,
        bucket: Some(bucket.name),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: checksum.map(|(algorithm, _)| algorithm.name().into()),
        checksum_type: checksum.map(|(_, sum)| sum.name().into()),
        ..Default::default()
    };
    output.encrypted(encryption);
    Ok(output)
}
