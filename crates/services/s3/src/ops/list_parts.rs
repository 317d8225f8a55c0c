//! `ListParts`: what has been uploaded so far.

use updraft_api_s3::types::{Initiator, ListPartsInput, ListPartsOutput, Part};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt as _};

use crate::keys::Numbered;
use crate::objects::claims::Sums as _;
use crate::objects::keys::{PartKey, number_of};
use crate::objects::row;
use crate::objects::{listed, upload};
use crate::{S3, lifecycle, table};
use updraft_kernel::hex;

pub(crate) async fn list_parts(svc: &S3, cx: &Ctx, input: ListPartsInput) -> Result<ListPartsOutput, AwsError> {
    let (max_parts, most) = listed::most("max-parts", input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or(0).max(0);
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let begun = upload::find(&mut tx, &bucket, &input.key, &input.upload_id).await?;
    let from = PartKey {
        bucket: Numbered::of(&bucket),
        upload: &input.upload_id,
        number: u32::try_from(marker).unwrap_or(0) + 1,
    };
    let page = tx.rows::<PartKey<'_>>(from.from(), ScanOptions::limit(most + 1)).await?;
    let truncated = page.rows.len() > most;
    let mut parts = Vec::new();
    for (key, part) in page.rows.into_iter().take(most) {
        parts.push(told(number_of(&key)?, &part, begun.checksum.is_some()));
    }
    let next = parts.last().and_then(|part| part.part_number).unwrap_or(0);
    let owner = listed::owner(&bucket);
    let (abort_date, abort_rule_id) = lifecycle::abort(&mut tx, (&bucket, &input.key), begun.at).await?.unzip();
    Ok(ListPartsOutput {
        abort_date,
        abort_rule_id,
        bucket: Some(bucket.name),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(marker),
        next_part_number_marker: Some(next),
        max_parts: Some(max_parts),
        is_truncated: Some(truncated),
        parts: (!parts.is_empty()).then_some(parts),
        initiator: Some(Initiator { id: owner.id.clone(), ..Default::default() }),
        owner: Some(owner),
        storage_class: Some(begun.about.storage_class.as_deref().unwrap_or("STANDARD").into()),
        checksum_algorithm: begun.checksum.map(|(algorithm, _)| algorithm.name().into()),
        checksum_type: begun.checksum.map(|(_, sum)| sum.name().into()),
        ..Default::default()
    })
}

fn told(number: u32, part: &row::Part, with_sum: bool) -> Part {
    let mut told = Part {
        part_number: i32::try_from(number).ok(),
        last_modified: Some(part.at),
        e_tag: Some(format!("\"{}\"", hex(&part.md5))),
        size: i64::try_from(part.size).ok(),
        ..Default::default()
    };
    if with_sum {
        told.tell(&part.checksum);
    }
    told
}
