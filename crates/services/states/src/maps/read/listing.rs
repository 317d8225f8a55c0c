//! Objects of a bucket, each an item.

use serde_json::{Value, json};
use updraft_kernel::ports::ApiCall;

use super::{Page, Reader, Unreadable, shared};
use crate::model::map_run::Cursor;

/// A page of the list. `at.at`: how many of it were taken before.
pub(super) async fn page(reader: &Reader<'_>, at: Cursor) -> Result<Page, Unreadable> {
    let mut input = reader.arguments.as_object().cloned().unwrap_or_default();
    input.extend(at.page.as_ref().map(|token| ("ContinuationToken".to_owned(), json!(&**token))));
    let call = ApiCall { service: "s3".to_owned(), operation: "listObjectsV2".to_owned(), input: Value::Object(input) };
    let answer = reader.svc.parts.dispatch.call(reader.cx, call).await.map_err(Unreadable::of)?;
    let objects = answer.get("Contents").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let from = usize::try_from(at.at).unwrap_or(usize::MAX);
    let place = |n: usize| Cursor { index: at.index + (n + 1 - from) as u64, at: n as u64 + 1, ..at.clone() };
    let items: Vec<_> = objects.iter().enumerate().skip(from).map(|(n, object)| (item(object), place(n))).collect();
    let token = answer.get("NextContinuationToken").and_then(Value::as_str);
    let index = at.index + items.len() as u64;
    Ok(Page { items, next: token.map(|token| Cursor { index, page: shared(token), ..Cursor::default() }) })
}

/// AWS: names of its own, and seconds since 1970.
fn item(object: &Value) -> Value {
    let at = object.get("LastModified").and_then(Value::as_str).and_then(|text| text.parse::<jiff::Timestamp>().ok());
    json!({
        "Etag": object.get("ETag"),
        "Key": object.get("Key"),
        "LastModified": at.map(jiff::Timestamp::as_second),
        "Size": object.get("Size"),
        "StorageClass": object.get("StorageClass"),
    })
}
