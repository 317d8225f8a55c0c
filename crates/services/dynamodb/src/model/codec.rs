//! Items as bytes in the store: one byte of format, then attributes, each with its name, a type byte and a body.
//!
//! Lengths and counts are LEB128; numbers are their key bytes. Formats 1 and 2 are read forever: the golden test here
//! says so.
//!
//! AWS's own measure charges small values less than they take here: 400 KB of empty strings in a list are twice that
//! in bytes. Format 2, deflated format 1, keeps such items within what the store takes for one value: what is charged
//! is never compressed away, what is not charged always is.

use std::io::{Read, Write};

use bytes::{BufMut, Bytes, BytesMut};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use updraft_expr::dynamodb::{AttributeValue, Item, Number};

const PLAIN: u8 = 1;
const DEFLATED: u8 = 2;
/// Bytes from which an item is deflated: a little less than the store takes.
const LARGE: usize = 500 * 1024;
/// More than any item has in format 1.
const LARGEST: u64 = 4 << 20;

const S: u8 = 1;
const N: u8 = 2;
const B: u8 = 3;
const FALSE: u8 = 4;
const TRUE: u8 = 5;
const NULL: u8 = 6;
const SS: u8 = 7;
const NS: u8 = 8;
const BS: u8 = 9;
const L: u8 = 10;
const M: u8 = 11;

pub(crate) fn encode(item: &Item) -> Bytes {
    let mut out = Writer(BytesMut::with_capacity(64));
    out.byte(PLAIN);
    out.map(item);
    let plain = out.0.freeze();
    if plain.len() > LARGE { deflated(&plain).unwrap_or(plain) } else { plain }
}

/// `None` if these bytes are no item of a known format.
pub(crate) fn decode(bytes: &Bytes) -> Option<Item> {
    let (format, body) = bytes.split_first()?;
    match *format {
        PLAIN => decode_plain(bytes),
        DEFLATED => decode_plain(&inflated(body)?),
        _ => None,
    }
}

fn decode_plain(bytes: &Bytes) -> Option<Item> {
    let mut reader = Reader { bytes, at: 1 };
    let item = reader.map(0)?;
    (reader.at == bytes.len()).then_some(item)
}

/// `None`: writing to memory failed, which it doesn't.
fn deflated(plain: &[u8]) -> Option<Bytes> {
    let mut out = DeflateEncoder::new(BytesMut::from(&[DEFLATED][..]).writer(), Compression::fast());
    out.write_all(plain).ok()?;
    Some(out.finish().ok()?.into_inner().freeze())
}

fn inflated(body: &[u8]) -> Option<Bytes> {
    let mut plain = Vec::new();
    DeflateDecoder::new(body).take(LARGEST).read_to_end(&mut plain).ok()?;
    (plain.first() == Some(&PLAIN)).then(|| plain.into())
}

struct Writer(BytesMut);

impl Writer {
    fn byte(&mut self, byte: u8) {
        self.0.extend_from_slice(&[byte]);
    }

    fn length(&mut self, mut n: usize) {
        while n >= 0x80 {
            self.byte(u8::try_from(n & 0x7F).unwrap_or(0) | 0x80);
            n >>= 7;
        }
        self.byte(u8::try_from(n).unwrap_or(0));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn map(&mut self, map: &Item) {
        self.length(map.len());
        for (name, value) in map {
            self.bytes(name.as_bytes());
            self.value(value);
        }
    }

    fn value(&mut self, value: &AttributeValue) {
        match value {
            AttributeValue::S(s) => self.tagged(S, s.as_bytes()),
            AttributeValue::N(n) => self.tagged(N, &n.to_key_bytes()),
            AttributeValue::B(b) => self.tagged(B, b),
            AttributeValue::Bool(b) => self.byte(if *b { TRUE } else { FALSE }),
            AttributeValue::Null => self.byte(NULL),
            AttributeValue::Ss(set) => self.list(SS, set, |w, s| w.bytes(s.as_bytes())),
            AttributeValue::Ns(set) => self.list(NS, set, |w, n| w.bytes(&n.to_key_bytes())),
            AttributeValue::Bs(set) => self.list(BS, set, |w, b| w.bytes(b)),
            AttributeValue::L(list) => self.list(L, list, Self::value),
            AttributeValue::M(map) => {
                self.byte(M);
                self.map(map);
            }
        }
    }

    fn tagged(&mut self, tag: u8, body: &[u8]) {
        self.byte(tag);
        self.bytes(body);
    }

    fn list<T>(&mut self, tag: u8, list: &[T], write: impl Fn(&mut Self, &T)) {
        self.byte(tag);
        self.length(list.len());
        list.iter().for_each(|element| write(self, element));
    }
}

/// Deeper than any item may be: bytes that claim so are not ours.
const DEPTH: usize = 40;

struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn length(&mut self) -> Option<usize> {
        let mut n = 0_usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            n |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(n);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<Bytes> {
        let length = self.length()?;
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len())?;
        let out = self.bytes.slice(self.at..end);
        self.at = end;
        Some(out)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.into()).ok()
    }

    fn number(&mut self) -> Option<Number> {
        Number::from_key_bytes(&self.bytes()?)
    }

    fn map(&mut self, depth: usize) -> Option<Item> {
        let count = self.length()?;
        (0..count).map(|_| Some((self.text()?, self.value(depth)?))).collect()
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.length()?;
        (0..count).map(|_| read(self)).collect()
    }

    fn value(&mut self, depth: usize) -> Option<AttributeValue> {
        if depth > DEPTH {
            return None;
        }
        Some(match self.byte()? {
            S => AttributeValue::S(self.text()?),
            N => AttributeValue::N(self.number()?),
            B => AttributeValue::B(self.bytes()?),
            FALSE => AttributeValue::Bool(false),
            TRUE => AttributeValue::Bool(true),
            NULL => AttributeValue::Null,
            SS => AttributeValue::Ss(self.list(Self::text)?),
            NS => AttributeValue::Ns(self.list(Self::number)?),
            BS => AttributeValue::Bs(self.list(Self::bytes)?),
            L => AttributeValue::L(self.list(|r| r.value(depth + 1))?),
            M => AttributeValue::M(self.map(depth + 1)?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use updraft_expr::dynamodb::item_size;

    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    fn sample() -> Item {
        Item::from([
            ("a".into(), AttributeValue::S("x".repeat(200))),
            ("b".into(), AttributeValue::N(n("-12.5"))),
            ("c".into(), AttributeValue::B(Bytes::from_static(&[0, 255]))),
            ("d".into(), AttributeValue::Bool(true)),
            ("e".into(), AttributeValue::Null),
            ("f".into(), AttributeValue::Ss(vec!["y".into(), "x".into()])),
            ("g".into(), AttributeValue::Ns(vec![n("1"), n("1e100")])),
            ("h".into(), AttributeValue::Bs(vec![Bytes::new()])),
            ("i".into(), AttributeValue::L(vec![AttributeValue::M(Item::new()), AttributeValue::Bool(false)])),
        ])
    }

    #[test]
    fn items_go_there_and_back() {
        assert_eq!(decode(&encode(&sample())), Some(sample()));
        assert_eq!(decode(&encode(&Item::new())), Some(Item::new()));
    }

    #[test]
    fn golden_item() {
        let item = Item::from([("a".into(), AttributeValue::S("b".into())), ("n".into(), AttributeValue::N(n("12")))]);
        assert_eq!(&encode(&item)[..], [1, 2, 1, b'a', 1, 1, b'b', 1, b'n', 2, 3, 3, 131, 13]);
    }

    #[test]
    fn what_costs_little_at_aws_still_fits_the_store() {
        let digits = |n: usize| (n * 7_919 % 1_000_003).to_string();
        let lists = [
            AttributeValue::L(vec![AttributeValue::S(String::new()); 409_000]),
            AttributeValue::L((0..81_000).map(|n| AttributeValue::N(Number::from(n * 7_919 % 1_000_003))).collect()),
            AttributeValue::Ss((0..66_000).map(digits).collect()),
        ];
        for value in lists {
            let item = Item::from([("a".to_owned(), value)]);
            assert!((380_000..=409_600).contains(&item_size(&item)), "{}", item_size(&item));
            let bytes = encode(&item);
            assert!(bytes.len() < updraft_store::Limits::HOUSE.value_bytes, "{}", bytes.len());
            assert_eq!(decode(&bytes), Some(item));
        }
    }

    #[test]
    fn broken_bytes_are_no_item() {
        let whole = encode(&sample());
        assert!((0..whole.len()).all(|cut| decode(&whole.slice(..cut)).is_none()));
        assert_eq!(decode(&Bytes::from_static(&[2, 0])), None);
        assert_eq!(decode(&Bytes::from_static(&[3, 0])), None);
        let bomb: Vec<u8> = [1, 1, 1, b'a'].into_iter().chain([L, 1].repeat(10_000)).collect();
        assert_eq!(decode(&bomb.into()), None);
    }
}
