//! A JSON file that is a list, or has one somewhere.

use serde_json::{Deserializer, Value};

use super::object::{self, Parsed, Piece};
use super::{Page, Reader, Unreadable, listed};
use crate::model::map_run::Cursor;

const NO_LIST: &str = "Attempting to map over non-iterable node.";

/// The elements that end in the piece.
pub(super) fn parse(_: &Reader<'_>, piece: &Piece<'_>) -> Result<Parsed, Unreadable> {
    elements(piece.bytes, piece.at.at == 0, piece.is_last)
}

fn elements(bytes: &[u8], is_first: bool, is_last: bool) -> Result<Parsed, Unreadable> {
    let mut parsed = Parsed::default();
    let mut far = blanks(bytes, 0);
    if is_first {
        if bytes.starts_with(b"\xef\xbb\xbf") {
            far = blanks(bytes, 3);
        }
        match bytes.get(far) {
            Some(b'[') => far += 1,
            None if !is_last => return Ok(parsed),
            _ => return Err(Unreadable::never(NO_LIST)),
        }
    }
    loop {
        far = blanks(bytes, far);
        match bytes.get(far) {
            Some(b']') => {
                parsed.ended = true;
                return Ok(parsed);
            }
            Some(b',') => far = blanks(bytes, far + 1),
            Some(_) => {}
            None => break,
        }
        let Some((element, end)) = element(bytes, far)? else { break };
        far = end;
        parsed.items.push((element, far));
    }
    if is_last { Err(Unreadable::never("The JSON file ends in the middle.")) } else { Ok(parsed) }
}

/// An element and where it ends. `None`: it may go on in the next piece.
fn element(bytes: &[u8], from: usize) -> Result<Option<(Value, usize)>, Unreadable> {
    let rest = bytes.get(from..).unwrap_or_default();
    let mut stream = Deserializer::from_slice(rest).into_iter::<Value>();
    match stream.next() {
        None => Ok(None),
        Some(Err(error)) if error.is_eof() => Ok(None),
        Some(Err(error)) => Err(Unreadable::never(format!("The JSON file can't be read: {error}"))),
        Some(Ok(value)) => {
            let end = from + stream.byte_offset();
            // Digits may follow a number, so that what comes behind it has to be seen.
            Ok(bytes.get(blanks(bytes, end)).map(|_| (value, end)))
        }
    }
}

fn blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// `ItemsPointer`: the file is read as a whole for it.
pub(super) async fn pointed_at(reader: &Reader<'_>, at: Cursor) -> Result<Page, Unreadable> {
    let whole = object::get(reader, reader.arguments.clone(), 0).await?;
    let document: Value = serde_json::from_slice(&whole.bytes)
        .map_err(|error| Unreadable::never(format!("The JSON file can't be read: {error}")))?;
    match document.pointer(reader.setting("ItemsPointer").unwrap_or_default()) {
        Some(Value::Array(items)) => Ok(listed(items, &at)),
        _ => Err(Unreadable::never(NO_LIST)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_are_the_same_wherever_the_file_is_cut() {
        let text = br#" [ {"a": [1, "]"]}, 23 ,"x\"y", [], null ] "#;
        let all = [json!({ "a": [1, "]"] }), json!(23), json!("x\"y"), json!([]), json!(null)];
        for cut in 0..text.len() {
            let first = elements(&text[..cut], true, false).ok().unwrap();
            let far = first.items.last().map_or(0, |(_, far)| *far);
            let mut items: Vec<Value> = first.items.into_iter().map(|(item, _)| item).collect();
            if !first.ended {
                let rest = elements(&text[far..], far == 0, true).ok().unwrap();
                assert!(rest.ended);
                items.extend(rest.items.into_iter().map(|(item, _)| item));
            }
            assert_eq!(items, all, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_list_is_said() {
        let wrong = |text: &str| elements(text.as_bytes(), true, true).err();
        assert!(matches!(wrong(r#"{"a": 1}"#), Some(Unreadable::Never(cause)) if cause == NO_LIST));
        assert!(matches!(wrong(""), Some(Unreadable::Never(cause)) if cause == NO_LIST));
        assert!(wrong("[1, x]").is_some() && wrong("[1, 2").is_some() && wrong("[]").is_none());
    }
}
