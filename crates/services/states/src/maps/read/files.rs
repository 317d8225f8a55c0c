//! Items of several objects, one object after the other: those that a list has, or those that Athena wrote.

use serde_json::{Map, Value, json};
use updraft_kernel::ports::ApiCall;

use super::{Page, Reader, Unreadable, object, shared};
use crate::model::map_run::Cursor;

/// A `Transformation` by which objects of a list are read.
pub(super) const FLATTEN: &str = "LOAD_AND_FLATTEN";

/// A `ManifestType`: what `UNLOAD` leaves, a URI in each line.
pub(super) const OF_ATHENA: &str = "ATHENA_DATA";

/// Whether items are in several objects.
pub(super) fn are_several(config: &Map<String, Value>) -> bool {
    let is = |name: &str, value: &str| config.get(name).is_some_and(|found| found == value);
    is("Transformation", FLATTEN) || is("ManifestType", OF_ATHENA)
}

/// Items of an object. `at.page`: which one, as `bucket/key`; `at.at`: the byte in it.
pub(super) async fn page(reader: &Reader<'_>, mut at: Cursor) -> Result<Page, Unreadable> {
    loop {
        let Some(file) = (match &at.page {
            Some(file) => Some(file.to_string()),
            None => following(reader, None).await?,
        }) else {
            return Ok(Page::default());
        };
        let mut page = content(reader, &file, &at).await?;
        if page.next.is_none() {
            let index = page.items.last().map_or(at.index, |(_, after)| after.index);
            let beginning = |next: String| Cursor { index, page: shared(&next), ..Cursor::default() };
            page.next = following(reader, Some(&file)).await?.map(beginning);
        }
        match page.next.take_if(|_| page.items.is_empty()) {
            Some(next) => at = next,
            None => return Ok(page),
        }
    }
}

/// What the object has, from that place on.
async fn content(reader: &Reader<'_>, file: &str, at: &Cursor) -> Result<Page, Unreadable> {
    let (bucket, key) = file.split_once('/').unwrap_or((file, ""));
    let mut arguments = Map::from_iter([("Bucket".to_owned(), json!(bucket)), ("Key".to_owned(), json!(key))]);
    let owner = reader.arguments.get("ExpectedBucketOwner");
    arguments.extend(owner.map(|owner| ("ExpectedBucketOwner".to_owned(), owner.clone())));
    let arguments = Value::Object(arguments);
    let inner = Reader { arguments: &arguments, ..*reader };
    let mut page = inner.content(Cursor { page: None, ..at.clone() }).await?;
    let places = page.items.iter_mut().map(|(_, after)| after).chain(&mut page.next);
    places.for_each(|place| place.page = shared(file));
    Ok(page)
}

/// The object behind that one, or the first.
async fn following(reader: &Reader<'_>, file: Option<&str>) -> Result<Option<String>, Unreadable> {
    if reader.setting("ManifestType") == Some(OF_ATHENA) {
        return named(reader, file).await;
    }
    let mut input = reader.arguments.as_object().cloned().unwrap_or_default();
    let bucket = input.get("Bucket").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut last = file.and_then(|file| file.split_once('/')).map(|(_, key)| key.to_owned());
    loop {
        input.insert("MaxKeys".to_owned(), json!(1));
        input.extend(last.as_ref().map(|last| ("StartAfter".to_owned(), json!(last))));
        let input = Value::Object(input.clone());
        let call = ApiCall { service: "s3".to_owned(), operation: "listObjectsV2".to_owned(), input };
        let answer = reader.svc.parts.dispatch.call(reader.cx, call).await.map_err(Unreadable::of)?;
        match answer.pointer("/Contents/0/Key").and_then(Value::as_str) {
            None => return Ok(None),
            // A folder, as the console of S3 makes it.
            Some(key) if key.ends_with('/') => last = Some(key.to_owned()),
            Some(key) => return Ok(Some(format!("{bucket}/{key}"))),
        }
    }
}

/// By Athena's manifest.
async fn named(reader: &Reader<'_>, file: Option<&str>) -> Result<Option<String>, Unreadable> {
    let manifest = object::get(reader, reader.arguments.clone(), 0).await?;
    let text = String::from_utf8_lossy(&manifest.bytes).into_owned();
    let mut files =
        text.lines().filter_map(|line| line.trim().trim_matches('"').split_once("://")).map(|(_, file)| file);
    if let Some(file) = file {
        files.by_ref().find(|known| *known == file);
    }
    Ok(files.next().map(str::to_owned))
}
