//! `manifest.json` of an S3 inventory: its files are lists of objects, compressed.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Page, Reader, Unreadable, behind, csv, object, packed, shared};
use crate::model::map_run::Cursor;

/// The objects of a file. `at.page`: which file, counted from 0; `at.at`: the byte in it.
pub(super) async fn page(reader: &Reader<'_>, at: Cursor) -> Result<Page, Unreadable> {
    let manifest = object::get(reader, reader.arguments.clone(), 0).await?;
    let manifest: Value = serde_json::from_slice(&manifest.bytes)
        .map_err(|error| Unreadable::never(format!("The manifest can't be read: {error}")))?;
    if manifest.get("fileFormat").and_then(Value::as_str) != Some("CSV") {
        return Err(Unreadable::never("Only inventories in CSV can be read."));
    }
    let number: usize = at.page.as_ref().and_then(|page| page.parse().ok()).unwrap_or(0);
    let files = manifest.get("files").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let Some(file) = files.get(number) else { return Ok(Page::default()) };
    let bytes = file_of(reader, &manifest, file).await?;
    let from = usize::try_from(at.at).unwrap_or(usize::MAX).min(bytes.len());
    let rest = bytes.get(from..).unwrap_or_default();
    let parsed = csv::rows(rest, (true, b','), Some(columns(&manifest)))?;
    let items = parsed.items.into_iter().map(|(item, far)| (item, at.at + far as u64)).collect();
    let items = behind(&Cursor { page: shared(&number.to_string()), ..at.clone() }, items);
    let next =
        Cursor { index: at.index + items.len() as u64, page: shared(&(number + 1).to_string()), ..Cursor::default() };
    Ok(Page { items, next: (number + 1 < files.len()).then_some(next) })
}

async fn file_of(reader: &Reader<'_>, manifest: &Value, file: &Value) -> Result<Arc<[u8]>, Unreadable> {
    let bucket = manifest.get("destinationBucket").and_then(Value::as_str).unwrap_or_default();
    let bucket = bucket.rsplit(':').next().unwrap_or_default();
    let read = object::get(reader, json!({ "Bucket": bucket, "Key": file.get("key") }), 0).await?;
    Ok(packed::unpacked(".gz", &read.bytes)?.into())
}

/// `fileSchema`: `Bucket, Key, Size`.
fn columns(manifest: &Value) -> Vec<String> {
    let schema = manifest.get("fileSchema").and_then(Value::as_str).unwrap_or_default();
    schema.split(',').map(|name| name.trim().to_owned()).collect()
}
