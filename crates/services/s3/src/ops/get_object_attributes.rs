//! `GetObjectAttributes`: what is known of an object, and of its parts.

use updraft_api_s3::types::{
    Checksum, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts, ObjectAttributes,
    ObjectPart,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt as _, Tx};

use crate::keys::Numbered;
use crate::objects::claims::Sums as _;
use crate::objects::conditions::OfRead;
use crate::objects::encryption::{self, brought};
use crate::objects::keys::PartKey;
use crate::objects::read::{self, Wanted, own_checksum};
use crate::objects::row::{Body, Object};
use crate::objects::{listed, table as versions};
use crate::{S3, objects, table};

pub(crate) async fn get_object_attributes(
    svc: &S3,
    cx: &Ctx,
    input: GetObjectAttributesInput,
) -> Result<GetObjectAttributesOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (key, version) = (input.key.as_str(), input.version_id.as_deref());
    let wanted = Wanted { key, version, range: None, part: None, conditions: OfRead::default(), method: "GET" };
    let customer = brought!(input);
    let (found, object) = read::existing(&mut tx, &bucket, wanted).await?;
    encryption::check(object.encryption, customer.as_ref())?;
    let mut output = GetObjectAttributesOutput {
        last_modified: Some(found.version.at),
        version_id: read::shown_id(&bucket, &found),
        ..Default::default()
    };
    for attribute in &input.object_attributes {
        match attribute {
            ObjectAttributes::ETag => output.e_tag = Some(object.etag.clone()),
            ObjectAttributes::Checksum => output.checksum = checksum(&object),
            ObjectAttributes::ObjectParts => {
                output.object_parts = parts(&mut tx, Numbered::of(&bucket), &object, &input).await?;
            }
            ObjectAttributes::StorageClass => {
                output.storage_class = Some(object.about.storage_class.as_deref().unwrap_or("STANDARD").into());
            }
            ObjectAttributes::ObjectSize => output.object_size = i64::try_from(object.size).ok(),
            ObjectAttributes::Unknown(given) => {
                let message = "Invalid attribute name specified.";
                return Err(crate::errors::invalid_value("x-amz-object-attributes", given, message));
            }
        }
    }
    Ok(output)
}

fn checksum(object: &Object) -> Option<Checksum> {
    let kept = object.checksum.as_ref()?;
    let mut told = Checksum { checksum_type: Some(kept.kind().into()), ..Default::default() };
    // AWS: here a sum of sums is told without their number.
    told.tell(&objects::checksum::Checksum { of_parts: None, ..kept.clone() });
    Some(told)
}

/// Only of an object that was uploaded in parts. AWS: the parts themselves only where they have sums of their own.
async fn parts(
    tx: &mut Tx,
    bucket: Numbered<'_>,
    object: &Object,
    input: &GetObjectAttributesInput,
) -> Result<Option<GetObjectAttributesParts>, AwsError> {
    let Body::Parts(parts) = &object.body else { return Ok(None) };
    let total = i32::try_from(parts.count).ok();
    if object.checksum.as_ref().is_none_or(|checksum| checksum.of_parts.is_none()) {
        return Ok(Some(GetObjectAttributesParts { total_parts_count: total, ..Default::default() }));
    }
    let (max_parts, most) = listed::most("max-parts", input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or(0).max(0);
    let before = usize::try_from(marker).unwrap_or(0);
    let all = versions::parts(tx, PartKey { bucket, upload: &parts.upload, number: 0 }).await?;
    let mut told = Vec::new();
    for (place, (_, part)) in (1..).zip(&all).skip(before).take(most) {
        let mut one =
            ObjectPart { part_number: Some(place), size: i64::try_from(part.size).ok(), ..Default::default() };
        if let Some(checksum) = own_checksum(object, &part.checksum) {
            one.tell(&checksum);
        }
        told.push(one);
    }
    let next = told.last().and_then(|one| one.part_number).unwrap_or(0);
    Ok(Some(GetObjectAttributesParts {
        total_parts_count: total,
        part_number_marker: Some(marker),
        next_part_number_marker: Some(next),
        max_parts: Some(max_parts),
        is_truncated: Some(before + told.len() < all.len()),
        parts: Some(told),
    }))
}
