//! `CompleteMultipartUpload`: the parts that a client lists are an object from now on; the others go.

use std::collections::HashMap;

use updraft_api_s3::types::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{StoreExt as _, Tx};

use crate::errors::invalid_request;
use crate::keys::Numbered;
use crate::model::bucket::{Bucket, Versioning};
use crate::notify::Happening;
use crate::objects::claims::Sums as _;
use crate::objects::conditions::OfWrite;
use crate::objects::encryption::Encrypted as _;
use crate::objects::errors::{bad_checksum, conditional_conflict, invalid_part, invalid_part_order, no_such_upload};
use crate::objects::keys::{PartKey, UploadKey};
use crate::objects::row::{Body, Encryption, Object, Part, Sum, Upload};
use crate::objects::table::{New, unname};
use crate::objects::upload::{Whole, together};
use crate::objects::version_id::VersionId;
use crate::objects::write::{Write, discard, put_in};
use crate::objects::{listed, lock, table as versions};
use crate::{S3, lifecycle, table};
use updraft_kernel::hex;

pub(crate) async fn complete_multipart_upload(
    svc: &S3,
    cx: &Ctx,
    mut input: CompleteMultipartUploadInput,
) -> Result<CompleteMultipartUploadOutput, AwsError> {
    let listed = input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default();
    if listed.is_empty() {
        return Err(invalid_request("You must specify at least one part"));
    }
    let given = input.given();
    let conditions = OfWrite { if_match: input.if_match.as_deref(), if_none_match: input.if_none_match.as_deref() };
    conditions.parse()?;
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let numbered = Numbered::of(&bucket);
    let (key, id) = (input.key.as_str(), input.upload_id.as_str());
    let Some(upload) = tx.row(&UploadKey { bucket: numbered, key, id }).await? else {
        return again(cx, &mut tx, &bucket, (key, id)).await;
    };
    unchanged(&mut tx, (&bucket, key), conditions, upload.at).await?;
    let all = versions::parts(&mut tx, PartKey { bucket: numbered, upload: id, number: 0 }).await?;
    let (chosen, left) = choose(&upload, id, listed, all)?;
    let whole = together(&upload, id, &chosen)?;
    check(&upload, &whole, &input, &given)?;
    let mut gone = Vec::new();
    for (number, part) in left {
        tx.delete_row(&PartKey { bucket: numbered, upload: id, number });
        unname(&mut tx, &part.blob, &mut gone)?;
    }
    tx.delete_row(&UploadKey { bucket: numbered, key, id });
    let by_us = !matches!(upload.encryption, Encryption::Customer(_));
    let object = Object {
        size: whole.size,
        etag: whole.etag,
        body: Body::Parts(whole.parts),
        // AWS: what a client's key encrypts has no sum that nobody asked for.
        checksum: Some(whole.checksum).filter(|_| by_us || upload.checksum.is_some()),
        about: upload.about,
        encryption: upload.encryption,
        key: None,
        lock: lock::chosen(&mut tx, &bucket, upload.lock, cx.now()).await?,
    };
    let write =
        Write { bucket: &input.bucket, owner: None, key, conditions, what: Happening::CreatedCompleteMultipartUpload };
    let new = New { id: VersionId::random(&*cx.rng), at: cx.now(), inline: None, object: Some(object) };
    let mut placed = put_in(svc, cx, (&mut tx, &bucket), write, new).await?;
    tx.commit().await?;
    gone.append(&mut placed.gone);
    discard(svc, gone).await;
    let version = placed.id(&bucket);
    let mut output = told(cx, (&bucket, key), placed.version.object.as_ref(), version);
    if let Some(object) = &placed.version.object {
        let made = (placed.order, placed.version.at);
        output.expiration = lifecycle::expiration(svc, (&bucket, key), made, object).await?;
    }
    Ok(output)
}

/// AWS: an object that is as it must be isn't enough where it was written after the upload began.
async fn unchanged(
    tx: &mut Tx,
    (bucket, key): (&Bucket, &str),
    conditions: OfWrite<'_>,
    begun: UnixMillis,
) -> Result<(), AwsError> {
    if conditions.if_match.is_none() {
        return Ok(());
    }
    let latest = versions::latest(tx, bucket, key).await?;
    conditions.check(key, latest.as_ref())?;
    match latest {
        Some(latest) if latest.version.at > begun => Err(conditional_conflict(conditions.name(), key)),
        _ => Ok(()),
    }
}

/// AWS: completing what has been completed is answered the same, as long as the object is the newest.
async fn again(
    cx: &Ctx,
    tx: &mut Tx,
    bucket: &Bucket,
    (key, id): (&str, &str),
) -> Result<CompleteMultipartUploadOutput, AwsError> {
    let found = versions::latest(tx, bucket, key).await?.ok_or_else(|| no_such_upload(id))?;
    match &found.version.object {
        Some(object) if matches!(&object.body, Body::Parts(parts) if parts.upload == id) => {
            let version = (bucket.versioning != Versioning::Never).then(|| found.id());
            Ok(told(cx, (bucket, key), Some(object), version))
        }
        _ => Err(no_such_upload(id)),
    }
}

type Numbers = Vec<(u32, Part)>;

/// The parts that are listed, in their order, and those that aren't.
fn choose(
    upload: &Upload,
    id: &str,
    listed: Vec<CompletedPart>,
    all: Numbers,
) -> Result<(Numbers, HashMap<u32, Part>), AwsError> {
    let mut left: HashMap<u32, Part> = all.into_iter().collect();
    let mut chosen: Numbers = Vec::with_capacity(listed.len());
    for mut one in listed {
        let etag = one.e_tag.take().unwrap_or_default().trim_matches('"').to_owned();
        let given = one.part_number.unwrap_or(0);
        let missing = || invalid_part(given, &etag, id);
        let number = u32::try_from(given).map_err(|_| missing())?;
        if chosen.last().is_some_and(|(before, _)| *before >= number) {
            return Err(invalid_part_order(id));
        }
        let part = left.remove(&number).filter(|part| hex(&part.md5) == etag).ok_or_else(missing)?;
        check_part(upload, number, &part, one).map_err(|wrong| wrong.unwrap_or_else(missing))?;
        chosen.push((number, part));
    }
    Ok((chosen, left))
}

/// `Err(None)`: it isn't the part that is meant.
fn check_part(upload: &Upload, number: u32, part: &Part, mut one: CompletedPart) -> Result<(), Option<AwsError>> {
    let given = one.given();
    if let (Some((algorithm, Sum::Parts)), true) = (upload.checksum, given.is_empty()) {
        let name = algorithm.lower();
        return Err(Some(invalid_request(format!(
            "The upload was created using a {name} checksum. The complete request must include the checksum for each \
             part. It was missing for part {number} in the request."
        ))));
    }
    let same = |(algorithm, text): &(crate::objects::checksum::Algorithm, String)| {
        upload.checksum.is_some() && *algorithm == part.checksum.algorithm && *text == part.checksum.text()
    };
    if given.iter().all(same) { Ok(()) } else { Err(None) }
}

fn check(
    upload: &Upload,
    whole: &Whole,
    input: &CompleteMultipartUploadInput,
    given: &[(crate::objects::checksum::Algorithm, String)],
) -> Result<(), AwsError> {
    let mode = upload.checksum.map_or("null", |(_, sum)| sum.name());
    if input.checksum_type.as_ref().is_some_and(|kind| kind.as_str() != mode) {
        return Err(invalid_request(format!(
            "The upload was created using the {mode} checksum mode. The complete request must use the same checksum mode."
        )));
    }
    if let Some(size) = input.mpu_object_size.filter(|size| u64::try_from(*size).ok() != Some(whole.size)) {
        let computed = whole.size;
        return Err(invalid_request(format!(
            "The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: {computed}"
        )));
    }
    let text = whole.checksum.text();
    let bare = text.split('-').next().unwrap_or_default();
    for (algorithm, value) in given {
        if *algorithm != whole.checksum.algorithm || (*value != text && value != bare) {
            return Err(bad_checksum(&whole.checksum.algorithm.lower()));
        }
    }
    Ok(())
}

fn told(
    cx: &Ctx,
    (bucket, key): (&Bucket, &str),
    object: Option<&Object>,
    version_id: Option<String>,
) -> CompleteMultipartUploadOutput {
    let mut output = CompleteMultipartUploadOutput {
        location: Some(location(cx, &bucket.name, key)),
        bucket: Some(bucket.name.clone()),
        key: Some(key.to_owned()),
        version_id,
        ..Default::default()
    };
    if let Some(object) = object {
        output.encrypted(object.encryption);
        output.e_tag = Some(format!("\"{}\"", object.etag));
        if let Some(checksum) = &object.checksum {
            output.tell(checksum);
            output.checksum_type = Some(checksum.kind().into());
        }
    }
    output
}

/// Under which the object is reached, as the client reached us.
fn location(cx: &Ctx, bucket: &str, key: &str) -> String {
    let key = listed::in_path(key);
    let host = cx.endpoint.split_once("://").map_or("", |(_, host)| host);
    if host.starts_with(&format!("{bucket}.")) {
        format!("{}/{key}", cx.endpoint)
    } else {
        format!("{}/{bucket}/{key}", cx.endpoint)
    }
}
