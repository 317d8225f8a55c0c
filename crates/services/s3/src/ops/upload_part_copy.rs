//! `UploadPartCopy`: a part whose bytes are those of an object that is there.

use updraft_api_s3::types::{CopyPartResult, UploadPartCopyInput, UploadPartCopyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::errors::{invalid_request, invalid_value};
use crate::objects::about::{Source, part_number};
use crate::objects::claims::Sums as _;
use crate::objects::conditions::OfRead;
use crate::objects::encryption::{By, Encrypted as _, brought};
use crate::objects::part::{self, Place};
use crate::objects::range::{self, Asked, Span};
use crate::objects::receive::{Keep, LARGEST};
use crate::objects::{copy, upload};
use crate::{S3, table};

pub(crate) async fn upload_part_copy(
    svc: &S3,
    cx: &Ctx,
    input: UploadPartCopyInput,
) -> Result<UploadPartCopyOutput, AwsError> {
    let number = part_number(input.part_number)?;
    let (customer, of_source) = (brought!(input), brought!(source input));
    let source = Source::parse(&input.copy_source)?;
    let place = Place {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        upload: &input.upload_id,
        number,
    };
    let conditions = OfRead {
        if_match: input.copy_source_if_match.as_deref(),
        if_none_match: input.copy_source_if_none_match.as_deref(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, place.bucket, place.owner).await?;
    let begun = upload::find(&mut tx, &bucket, place.key, place.upload).await?;
    let by = By::of_part(&begun, customer)?;
    let owner = input.expected_source_bucket_owner.as_deref();
    let from = copy::find(cx, &mut tx, (&source, owner), conditions, of_source).await?;
    let span = span(input.copy_source_range.as_deref(), from.object.size)?;
    let algorithm = begun.checksum.map(|(algorithm, _)| algorithm);
    let received =
        copy::copy(svc, &mut tx, (&source, &from), span, (algorithm, Keep::Part, by.seal(svc).await?)).await?;
    drop(tx);
    let part = part::put(svc, cx, place, received).await?;
    let mut result = CopyPartResult {
        e_tag: Some(format!("\"{}\"", updraft_kernel::hex(&part.md5))),
        last_modified: Some(part.at),
        ..Default::default()
    };
    if algorithm.is_some() {
        result.tell(&part.checksum);
    }
    let copy_source_version_id = from.version_id;
    let mut output =
        UploadPartCopyOutput { copy_part_result: Some(result), copy_source_version_id, ..Default::default() };
    output.encrypted(by.told());
    Ok(output)
}

/// AWS: both ends must be there, and in the object.
fn span(header: Option<&str>, size: u64) -> Result<Span, AwsError> {
    let span = match header {
        None => Span::whole(size),
        Some(header) => {
            let both = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
            let end = both.and_then(|(_, end)| end.parse::<u64>().ok());
            match (range::parse(header, size), end) {
                (Asked::Span(span), Some(end)) if !header.starts_with("bytes=-") && end < size => span,
                (_, Some(_)) if both.is_some_and(|(start, _)| start.parse::<u64>().is_ok()) => {
                    return Err(invalid_value(
                        "x-amz-copy-source-range",
                        header,
                        format!("Range specified is not valid for source object of size: {size}"),
                    ));
                }
                _ => {
                    return Err(invalid_value(
                        "x-amz-copy-source-range",
                        header,
                        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last \
                         are the zero-based offsets of the first and last bytes to copy",
                    ));
                }
            }
        }
    };
    if span.length > LARGEST {
        return Err(invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST}"
        )));
    }
    Ok(span)
}
