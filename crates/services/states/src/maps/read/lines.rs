//! JSON, a line each.

use super::object::{Parsed, Piece};
use super::{Reader, Unreadable};

pub(super) fn parse(_: &Reader<'_>, piece: &Piece<'_>) -> Result<Parsed, Unreadable> {
    lines(piece.bytes, piece.is_last)
}

fn lines(bytes: &[u8], is_last: bool) -> Result<Parsed, Unreadable> {
    let (mut parsed, mut far) = (Parsed::default(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if !line.ends_with(b"\n") && !is_last {
            break;
        }
        far += line.len();
        let line = line.trim_ascii();
        if line.is_empty() {
            if parsed.items.is_empty() {
                parsed.skipped = far;
            }
            continue;
        }
        let item = serde_json::from_slice(line);
        let item = item.map_err(|error| Unreadable::never(format!("A line of the file isn't JSON: {error}")))?;
        parsed.items.push((item, far));
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn empty_lines_are_none_and_the_last_needs_no_end() {
        let text = b"\n{\"a\": 1}\r\n\n2";
        assert_eq!(lines(text, false).ok().unwrap().items, [(json!({ "a": 1 }), 11)]);
        let all = lines(text, true).ok().unwrap();
        assert_eq!(all.items.last(), Some(&(json!(2), text.len())));
        assert!(matches!(lines(b"x\n", false), Err(Unreadable::Never(_))));
    }
}
