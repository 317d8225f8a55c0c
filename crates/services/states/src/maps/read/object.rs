//! Objects, read a piece at a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use updraft_kernel::ports::ApiCall;

use super::{Page, Reader, Unreadable, behind, packed, shared};
use crate::model::map_run::Cursor;

/// So many bytes are asked for at first, and at most, where no item ends in fewer.
const PIECE: u64 = 1 << 20;
const LARGEST: u64 = 16 << 20;

/// A piece of an object, from a place on.
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    /// Whether it reaches to the end.
    pub(super) is_last: bool,
    pub(super) at: &'a Cursor,
}

/// What a piece has.
#[derive(Default)]
pub(super) struct Parsed {
    /// Each with how many bytes of the piece come before what follows it.
    pub(super) items: Vec<(Value, usize)>,
    /// Where the first item begins, if there is none yet.
    pub(super) skipped: usize,
    /// Whether there can be no more behind it.
    pub(super) ended: bool,
    pub(super) columns: Option<Vec<String>>,
}

/// The items of the next piece.
pub(super) async fn pages(
    reader: &Reader<'_>,
    mut at: Cursor,
    parse: impl Fn(&Reader<'_>, &Piece<'_>) -> Result<Parsed, Unreadable>,
) -> Result<Page, Unreadable> {
    let mut size = PIECE;
    loop {
        let read = match reader.arguments.get("Key").and_then(Value::as_str).filter(|key| packed::is_packed(key)) {
            Some(key) => rest(reader, key, &at).await?,
            None => range(reader, &at, size).await?,
        };
        at.etag = read.etag.as_deref().and_then(shared).or(at.etag);
        let parsed = parse(reader, &Piece { bytes: &read.bytes, is_last: read.is_last, at: &at })?;
        let columns = parsed.columns.map(std::sync::Arc::new);
        let at = Cursor { columns: columns.or_else(|| at.columns.clone()), ..at.clone() };
        let far = parsed.items.last().map_or(parsed.skipped, |(_, far)| *far);
        let over = read.is_last || parsed.ended;
        if parsed.items.is_empty() && !over {
            if size >= LARGEST {
                return Err(Unreadable::never("An item is larger than can be read."));
            }
            size *= 4;
            continue;
        }
        let from = at.at;
        let items = behind(&at, parsed.items.into_iter().map(|(item, far)| (item, from + far as u64)).collect());
        let next = Cursor { at: from + far as u64, index: at.index + items.len() as u64, ..at };
        return Ok(Page { items, next: (!over).then_some(next) });
    }
}

/// Bytes of an object.
pub(super) struct Read {
    pub(super) bytes: Vec<u8>,
    pub(super) is_last: bool,
    pub(super) etag: Option<String>,
}

/// Of one that is compressed.
async fn rest(reader: &Reader<'_>, key: &str, at: &Cursor) -> Result<Read, Unreadable> {
    let mut input = reader.arguments.as_object().cloned().unwrap_or_default();
    input.extend(at.etag.as_ref().map(|etag| ("IfMatch".to_owned(), json!(&**etag))));
    let read = get(reader, Value::Object(input), 0).await?;
    let plain = packed::unpacked(key, &read.bytes)?;
    let from = usize::try_from(at.at).unwrap_or(usize::MAX).min(plain.len());
    Ok(Read { bytes: plain.get(from..).unwrap_or_default().to_vec(), is_last: true, etag: read.etag })
}

async fn range(reader: &Reader<'_>, at: &Cursor, size: u64) -> Result<Read, Unreadable> {
    let mut input = reader.arguments.as_object().cloned().unwrap_or_default();
    input.insert("Range".to_owned(), json!(format!("bytes={}-{}", at.at, at.at + size - 1)));
    input.extend(at.etag.as_ref().map(|etag| ("IfMatch".to_owned(), json!(&**etag))));
    get(reader, Value::Object(input), at.at).await
}

/// `from`: at which byte what is asked for begins.
pub(super) async fn get(reader: &Reader<'_>, input: Value, from: u64) -> Result<Read, Unreadable> {
    let call = ApiCall { service: "s3".to_owned(), operation: "getObject".to_owned(), input };
    let answer = match reader.svc.parts.dispatch.call(reader.cx, call).await {
        Ok(answer) => answer,
        // Nothing is there, or nothing more.
        Err(error) if error.code().name == "InvalidRange" => {
            return Ok(Read { bytes: Vec::new(), is_last: true, etag: None });
        }
        Err(error) => return Err(Unreadable::of(error)),
    };
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let bytes = STANDARD.decode(text("Body").unwrap_or_default());
    let bytes = bytes.map_err(|_| Unreadable::never("What was read isn't a body."))?;
    let whole = text("ContentRange").and_then(|range| range.rsplit('/').next()?.parse().ok());
    let is_last = from + bytes.len() as u64 >= whole.unwrap_or(0);
    Ok(Read { bytes, is_last, etag: text("ETag").map(str::to_owned) })
}
