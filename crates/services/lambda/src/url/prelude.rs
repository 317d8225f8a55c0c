//! The head of a response that a function streams: JSON, eight zero bytes, and then the body.

use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value};
use updraft_proxy::answer::{Format, Head, Malformed, head};

/// What a runtime says of an answer that begins with one.
pub(super) const CONTENT_TYPE: &str = "application/vnd.awslambda.http-integration-response";
const DELIMITER: [u8; 8] = [0; 8];
/// What a response without a type is.
const DEFAULT: &str = "application/octet-stream";
/// How long it may become; who sends more has forgotten the delimiter.
const LONGEST: usize = 128 << 10;

/// Takes pieces until the head is whole.
#[derive(Debug, Default)]
pub(super) struct Prelude(BytesMut);

impl Prelude {
    /// The head and what of the body came with it; `None`, if more is needed.
    ///
    /// # Errors
    /// If it is no head, or grows without end.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<Option<(Head, Bytes)>, Malformed> {
        // The delimiter may lie across two pieces.
        let from = self.0.len().saturating_sub(DELIMITER.len());
        self.0.extend_from_slice(piece);
        let unseen = self.0.get(from..).unwrap_or_default();
        match unseen.windows(DELIMITER.len()).position(|window| window == DELIMITER) {
            Some(at) => {
                let head = self.0.split_to(from + at);
                let body = self.0.split_off(DELIMITER.len());
                Ok(Some((read(&head)?, body.freeze())))
            }
            None if self.0.len() > LONGEST => Err(Malformed("its head has no end")),
            None => Ok(None),
        }
    }
}

fn read(text: &[u8]) -> Result<Head, Malformed> {
    let fields: Map<String, Value> =
        serde_json::from_slice(text).map_err(|_| Malformed("its head isn't a JSON object"))?;
    if fields.contains_key("statusCode") {
        return head(Format::Two, &fields, DEFAULT);
    }
    // AWS: a head needs no status.
    let fields = fields.into_iter().chain([("statusCode".to_owned(), Value::from(200))]).collect();
    head(Format::Two, &fields, DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = br#"{"statusCode":201,"headers":{"x-a":"1"},"cookies":["a=b"]}"#;

    fn whole() -> Vec<u8> {
        [HEAD, &DELIMITER, b"body"].concat()
    }

    #[test]
    fn a_head_is_found_however_it_is_cut() {
        for cut in 0..whole().len() {
            let (mut prelude, mut found, mut body) = (Prelude::default(), None, Vec::new());
            for piece in [&whole()[..cut], &whole()[cut..]] {
                if found.is_some() {
                    body.extend_from_slice(piece);
                } else if let Some((head, rest)) = prelude.push(piece).unwrap() {
                    body.extend_from_slice(&rest);
                    found = Some(head);
                }
            }
            let head = found.unwrap_or_else(|| panic!("cut at {cut}"));
            assert_eq!((head.status, &body[..]), (201, &b"body"[..]), "cut at {cut}");
            assert_eq!(head.headers["x-a"], "1");
            assert_eq!(head.headers["set-cookie"], "a=b");
            assert_eq!(head.headers["content-type"], "application/octet-stream");
        }
    }

    #[test]
    fn what_is_no_head_is_refused() {
        for bad in [&b"[]"[..], b"{", b"", br#"{"statusCode":"?"}"#] {
            assert!(Prelude::default().push(&[bad, &DELIMITER].concat()).is_err(), "{bad:?}");
        }
        let mut endless = Prelude::default();
        assert!((0..200).any(|_| endless.push(&[b'x'; 1024]).is_err()));
        let bare = Prelude::default().push(&[b"{}", &DELIMITER[..]].concat()).unwrap().unwrap();
        assert_eq!(bare.0.status, 200);
    }
}
