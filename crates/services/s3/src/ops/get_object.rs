//! `GetObject`: an object, or a part of it, streamed.

use updraft_api_s3::types::{ChecksumMode, GetObjectInput, GetObjectOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::claims::Sums as _;
use crate::objects::conditions::OfRead;
use crate::objects::read::{self, Seen, Wanted};
use crate::objects::send::send;
use crate::{S3, lifecycle, table};

pub(crate) async fn get_object(svc: &S3, cx: &Ctx, input: GetObjectInput) -> Result<GetObjectOutput, AwsError> {
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
    let seen = read::look(cx, &mut tx, &bucket, wanted).await?;
    let made = (seen.found.order, seen.found.version.at);
    let expiration = lifecycle::expiration(svc, (&bucket, &input.key), made, &seen.object).await?;
    let body = send(svc, &mut tx, (seen.at(&bucket, &input.key), &seen.object), seen.span).await?;
    let mut output = told(seen, &input);
    output.body = Some(body);
    output.expiration = expiration;
    Ok(output)
}

fn told(seen: Seen, input: &GetObjectInput) -> GetObjectOutput {
    let (object, about) = (&seen.object, &seen.object.about);
    let or = |asked: &Option<String>, kept: &Option<String>| asked.clone().or_else(|| kept.clone());
    let mut output = GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        last_modified: Some(seen.found.version.at),
        content_length: i64::try_from(seen.span.length).ok(),
        e_tag: Some(format!("\"{}\"", object.etag)),
        version_id: seen.version_id.clone(),
        cache_control: or(&input.response_cache_control, &about.cache_control),
        content_disposition: or(&input.response_content_disposition, &about.content_disposition),
        content_encoding: or(&input.response_content_encoding, &about.content_encoding),
        content_language: or(&input.response_content_language, &about.content_language),
        content_type: or(&input.response_content_type, &Some(about.content_type())),
        content_range: seen.partial.then(|| seen.span.text(object.size)),
        expires: input.response_expires.map(read::date).or_else(|| about.expires.clone()),
        website_redirect_location: about.redirect.clone(),
        metadata: Some(about.metadata.iter().cloned().collect()),
        storage_class: about.storage_class.as_deref().map(Into::into),
        parts_count: seen.parts_count.and_then(|count| i32::try_from(count).ok()),
        tag_count: i32::try_from(about.tags.len()).ok().filter(|count| *count > 0),
        ..Default::default()
    };
    if let Some(checksum) = seen.checksum.as_ref().filter(|_| input.checksum_mode == Some(ChecksumMode::Enabled)) {
        output.tell(checksum);
        output.checksum_type = object.checksum.as_ref().map(|whole| whole.kind().into());
    }
    output
}
