//! `ListMultipartUploads`: what has been begun and neither completed nor aborted, by key.

use updraft_api_s3::types::{
    CommonPrefix, Initiator, ListMultipartUploadsInput, ListMultipartUploadsOutput, MultipartUpload, Owner,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key as _, KeyRange, ScanOptions, StoreExt as _, Tx};

use crate::errors::invalid_value;
use crate::keys::Numbered;
use crate::objects::keys::{UploadKey, upload_of};
use crate::objects::list::common;
use crate::objects::listed::{self, Encoding, some};
use crate::objects::row::Upload;
use crate::objects::upload;
use crate::{S3, table};

const ROWS: usize = 256;

pub(crate) async fn list_multipart_uploads(
    svc: &S3,
    cx: &Ctx,
    input: ListMultipartUploadsInput,
) -> Result<ListMultipartUploadsOutput, AwsError> {
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let (max_uploads, most) = listed::most("max-uploads", input.max_uploads)?;
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let key_marker = input.key_marker.unwrap_or_default();
    // AWS: without a key it means nothing.
    let upload_marker = input.upload_id_marker.filter(|_| !key_marker.is_empty()).unwrap_or_default();
    check_marker(&mut tx, Numbered::of(&bucket), (&key_marker, &upload_marker)).await?;
    let asked = Asked { prefix: &prefix, delimiter: &delimiter, after: (&key_marker, &upload_marker), most };
    let page = walk(&mut tx, Numbered::of(&bucket), asked).await?;
    let owner = listed::owner(&bucket);
    let (next_key, next_upload) = page.next();
    let (mut uploads, mut prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix { prefix: Some(encoding.write(&prefix)) }),
            Entry::Upload { key, id, upload } => uploads.push(told(encoding.write(&key), id, *upload, &owner)),
        }
    }
    Ok(ListMultipartUploadsOutput {
        bucket: Some(bucket.name),
        key_marker: Some(encoding.write(&key_marker)),
        upload_id_marker: Some(upload_marker),
        next_key_marker: Some(encoding.write(&next_key)),
        next_upload_id_marker: Some(next_upload),
        prefix: some(Some(encoding.write(&prefix))),
        delimiter: some(Some(encoding.write(&delimiter))),
        max_uploads: Some(max_uploads),
        is_truncated: Some(page.more),
        uploads: (!uploads.is_empty()).then_some(uploads),
        common_prefixes: (!prefixes.is_empty()).then_some(prefixes),
        encoding_type: encoding.told(),
        ..Default::default()
    })
}

/// Uploads that have ended since the last page are markers still.
async fn check_marker(tx: &mut Tx, bucket: Numbered<'_>, (key, id): (&str, &str)) -> Result<(), AwsError> {
    if id.is_empty() || upload::may_be_of(id, key) || tx.row(&UploadKey { bucket, key, id }).await?.is_some() {
        return Ok(());
    }
    Err(invalid_value("upload-id-marker", id, "Invalid uploadId marker"))
}

fn told(key: String, id: String, upload: Upload, owner: &Owner) -> MultipartUpload {
    MultipartUpload {
        upload_id: Some(id),
        key: Some(key),
        initiated: Some(upload.at),
        storage_class: Some(upload.about.storage_class.as_deref().unwrap_or("STANDARD").into()),
        owner: Some(owner.clone()),
        initiator: Some(Initiator { id: owner.id.clone(), ..Default::default() }),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.name().into()),
        checksum_type: upload.checksum.map(|(_, sum)| sum.name().into()),
        ..Default::default()
    }
}

#[derive(Clone, Copy)]
struct Asked<'a> {
    prefix: &'a str,
    delimiter: &'a str,
    /// Key and upload.
    after: (&'a str, &'a str),
    most: usize,
}

enum Entry {
    Upload { key: String, id: String, upload: Box<Upload> },
    Prefix(String),
}

#[derive(Default)]
struct Page {
    entries: Vec<Entry>,
    more: bool,
}

impl Page {
    /// AWS: also told where nothing follows; empty behind a prefix.
    fn next(&self) -> (String, String) {
        match self.entries.last() {
            Some(Entry::Upload { key, id, .. }) => (key.clone(), id.clone()),
            Some(Entry::Prefix(_)) | None => (String::new(), String::new()),
        }
    }
}

fn range(bucket: Numbered<'_>, asked: Asked<'_>) -> KeyRange {
    let all = bucket.uploads().str_starting(asked.prefix);
    let (key, id) = asked.after;
    if key.is_empty() {
        return all;
    }
    if !id.is_empty() {
        return all.after(&UploadKey { bucket, key, id }.encode());
    }
    match common(key, asked.prefix, asked.delimiter).filter(|_| key.starts_with(asked.prefix)) {
        Some(prefix) => all.from(bucket.uploads().str_starting(prefix).end),
        None => all.from(bucket.uploads().str(key).prefix_range().end),
    }
}

async fn walk(tx: &mut Tx, bucket: Numbered<'_>, asked: Asked<'_>) -> Result<Page, AwsError> {
    let mut page = Page::default();
    let mut rest = Some(range(bucket, asked)).filter(|range| !range.is_empty() && asked.most > 0);
    while let Some(range) = rest.take() {
        let rows = tx.rows::<UploadKey<'_>>(range.clone(), ScanOptions::limit(ROWS)).await?;
        rest = rows.resume().map(|last| range.clone().after(last));
        for (at, upload) in rows.rows {
            let (key, id) = upload_of(&at)?;
            if page.entries.len() == asked.most {
                page.more = true;
                return Ok(page);
            }
            if let Some(prefix) = common(&key, asked.prefix, asked.delimiter) {
                page.entries.push(Entry::Prefix(prefix.to_owned()));
                let jumped = range.from(bucket.uploads().str_starting(prefix).end);
                rest = (!jumped.is_empty()).then_some(jumped);
                break;
            }
            page.entries.push(Entry::Upload { key, id, upload: Box::new(upload) });
        }
    }
    Ok(page)
}
