//! `ListObjectsV2`: the keys of a bucket, a page at a time.

use updraft_api_s3::types::{ListObjectsV2Input, ListObjectsV2Output};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::errors::invalid_argument;
use crate::keys::Numbered;
use crate::objects::list::{Asked, Entry, objects};
use crate::objects::listed::{self, Encoding, Owners, some};
use crate::{S3, table};

pub(crate) async fn list_objects_v2(
    svc: &S3,
    cx: &Ctx,
    input: ListObjectsV2Input,
) -> Result<ListObjectsV2Output, AwsError> {
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let (max_keys, most) = listed::most("max-keys", input.max_keys)?;
    let resumed = match input.continuation_token.as_deref() {
        Some("") => return Err(invalid_argument("continuation-token", "The continuation token provided is incorrect")),
        Some(token) => Some(listed::marker(token)?),
        None => None,
    };
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let start_after = input.start_after.filter(|after| !after.is_empty());
    let after = resumed.as_deref().or(start_after.as_deref()).unwrap_or_default();
    let asked = Asked { prefix: &prefix, delimiter: &delimiter, after, most };
    let page = objects(&mut tx, Numbered::of(&bucket), asked).await?;
    let next = page.entries.last().map(Entry::marker).filter(|_| page.more).map(listed::token);
    let key_count = i32::try_from(page.entries.len()).ok();
    let owners = (input.fetch_owner == Some(true)).then(|| Owners::new(&bucket));
    let (contents, prefixes) = listed::told(page.entries, encoding, owners.as_ref());
    // AWS: what a token goes on from isn't told again.
    let start_after = start_after.filter(|_| resumed.is_none()).map(|after| encoding.write(&after));
    Ok(ListObjectsV2Output {
        is_truncated: Some(page.more),
        contents: (!contents.is_empty()).then_some(contents),
        name: Some(bucket.name),
        prefix: Some(encoding.write(&prefix)),
        delimiter: some(Some(encoding.write(&delimiter))),
        max_keys: Some(max_keys),
        common_prefixes: (!prefixes.is_empty()).then_some(prefixes),
        encoding_type: encoding.told(),
        key_count,
        continuation_token: input.continuation_token,
        next_continuation_token: next,
        start_after,
        ..Default::default()
    })
}
