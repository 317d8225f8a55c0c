//! `ListObjects`: the older listing, which goes on behind a key.

use updraft_api_s3::types::{ListObjectsInput, ListObjectsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::keys::Numbered;
use crate::objects::list::{Asked, Entry, objects};
use crate::objects::listed::{self, Encoding, Owners, some};
use crate::{S3, table};

pub(crate) async fn list_objects(svc: &S3, cx: &Ctx, input: ListObjectsInput) -> Result<ListObjectsOutput, AwsError> {
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let (max_keys, most) = listed::most("max-keys", input.max_keys)?;
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let marker = input.marker.unwrap_or_default();
    let asked = Asked { prefix: &prefix, delimiter: &delimiter, after: &marker, most };
    let page = objects(&mut tx, Numbered::of(&bucket), asked).await?;
    // AWS: without a delimiter the last key is the marker, and it isn't told.
    let told = page.more && !delimiter.is_empty();
    let next_marker = page.entries.last().map(Entry::marker).filter(|_| told).map(|next| encoding.write(next));
    let owners = Owners::new(&bucket);
    let (contents, prefixes) = listed::told(page.entries, encoding, Some(&owners));
    Ok(ListObjectsOutput {
        is_truncated: Some(page.more),
        marker: Some(encoding.write(&marker)),
        next_marker,
        contents: (!contents.is_empty()).then_some(contents),
        name: Some(bucket.name),
        prefix: Some(encoding.write(&prefix)),
        delimiter: some(Some(encoding.write(&delimiter))),
        max_keys: Some(max_keys),
        common_prefixes: (!prefixes.is_empty()).then_some(prefixes),
        encoding_type: encoding.told(),
        ..Default::default()
    })
}
