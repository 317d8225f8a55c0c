//! One frame: two lengths, their checksum, headers, payload, and the checksum of it all.

use bytes::Bytes;

/// Lengths and checksums around headers and payload.
const OVERHEAD: usize = 16;
/// What AWS allows.
const MAX_HEADERS: usize = 128 * 1024;
const MAX_FRAME: usize = 24 * 1024 * 1024;

/// A frame of an event stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    headers: Vec<(String, Header)>,
    payload: Bytes,
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    Bool(bool),
    Byte(i8),
    Short(i16),
    Int(i32),
    Long(i64),
    Bytes(Vec<u8>),
    Text(String),
    /// Milliseconds since the epoch.
    Timestamp(i64),
    Uuid([u8; 16]),
}

/// Bytes that are no frame: the stream cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed event stream frame")]
pub struct Malformed;

impl Frame {
    /// A frame of that `:message-type`.
    #[must_use]
    pub fn new(message_type: &str) -> Self {
        Self { headers: Vec::new(), payload: Bytes::new() }.with(":message-type", message_type)
    }

    /// With a header of text.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), Header::Text(value.to_owned())));
        self
    }

    #[must_use]
    pub fn payload(mut self, payload: impl Into<Bytes>) -> Self {
        self.payload = payload.into();
        self
    }

    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.payload
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&Header> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The bytes of the frame. Names beyond 255 bytes and texts beyond 32 KiB are cut: AWS allows no longer ones.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            let name = cut(name.as_bytes(), u8::MAX.into());
            headers.extend(u8::try_from(name.len()));
            headers.extend_from_slice(name);
            value.encode(&mut headers);
        }
        let total = OVERHEAD + headers.len() + self.payload.len();
        let mut out = Vec::with_capacity(total);
        out.extend_from_slice(&length(total));
        out.extend_from_slice(&length(headers.len()));
        out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
        out.extend_from_slice(&headers);
        out.extend_from_slice(&self.payload);
        out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
        out
    }

    /// The first frame of `bytes` and how long it is; `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`Malformed`], if what is there can never become one.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let Some((prelude, _)) = bytes.split_at_checked(12) else { return Ok(None) };
        let mut fields = Cursor(prelude);
        let (total, headers, checksum) = (fields.length()?, fields.length()?, fields.array()?);
        let lengths = prelude.get(..8).ok_or(Malformed)?;
        if u32::from_be_bytes(checksum) != crc32fast::hash(lengths)
            || total > MAX_FRAME
            || headers > MAX_HEADERS
            || total < OVERHEAD + headers
        {
            return Err(Malformed);
        }
        let Some(frame) = bytes.get(..total) else { return Ok(None) };
        let (checked, checksum) = frame.split_at_checked(total - 4).ok_or(Malformed)?;
        if Cursor(checksum).array().map(u32::from_be_bytes)? != crc32fast::hash(checked) {
            return Err(Malformed);
        }
        let mut rest = Cursor(checked.get(12..).ok_or(Malformed)?);
        let headers = Cursor(rest.take(headers)?).headers()?;
        Ok(Some((Self { headers, payload: Bytes::copy_from_slice(rest.0) }, total)))
    }
}

impl Header {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(truth) => out.push(u8::from(!truth)),
            Self::Byte(number) => tagged(out, 2, &number.to_be_bytes()),
            Self::Short(number) => tagged(out, 3, &number.to_be_bytes()),
            Self::Int(number) => tagged(out, 4, &number.to_be_bytes()),
            Self::Long(number) => tagged(out, 5, &number.to_be_bytes()),
            Self::Bytes(bytes) => sized(out, 6, bytes),
            Self::Text(text) => sized(out, 7, text.as_bytes()),
            Self::Timestamp(at) => tagged(out, 8, &at.to_be_bytes()),
            Self::Uuid(id) => tagged(out, 9, id),
        }
    }
}

fn tagged(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    out.extend_from_slice(bytes);
}

fn sized(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    let bytes = cut(bytes, i16::MAX.cast_unsigned().into());
    out.push(tag);
    out.extend(u16::try_from(bytes.len()).unwrap_or_default().to_be_bytes());
    out.extend_from_slice(bytes);
}

/// As much of it as is allowed, ending between characters.
fn cut(bytes: &[u8], max: usize) -> &[u8] {
    let is_boundary = |&at: &usize| bytes.get(at).is_none_or(|byte| (byte & 0xc0) != 0x80);
    let end = (0..=max.min(bytes.len())).rev().find(is_boundary).unwrap_or_default();
    bytes.get(..end).unwrap_or_default()
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| Malformed)
    }

    fn headers(&mut self) -> Result<Vec<(String, Header)>, Malformed> {
        let mut headers = Vec::new();
        while !self.0.is_empty() {
            let [name] = self.array()?;
            let name = text(self.take(name.into())?)?;
            headers.push((name, self.value()?));
        }
        Ok(headers)
    }

    fn value(&mut self) -> Result<Header, Malformed> {
        let [tag] = self.array()?;
        Ok(match tag {
            0 => Header::Bool(true),
            1 => Header::Bool(false),
            2 => Header::Byte(i8::from_be_bytes(self.array()?)),
            3 => Header::Short(i16::from_be_bytes(self.array()?)),
            4 => Header::Int(i32::from_be_bytes(self.array()?)),
            5 => Header::Long(i64::from_be_bytes(self.array()?)),
            6 => Header::Bytes(self.sized()?.to_vec()),
            7 => Header::Text(text(self.sized()?)?),
            8 => Header::Timestamp(i64::from_be_bytes(self.array()?)),
            9 => Header::Uuid(self.array()?),
            _ => return Err(Malformed),
        })
    }

    fn sized(&mut self) -> Result<&'a [u8], Malformed> {
        let length = u16::from_be_bytes(self.array()?);
        self.take(length.into())
    }
}

fn text(bytes: &[u8]) -> Result<String, Malformed> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The smallest frame there is, with the checksums that every implementation has for it.
    #[test]
    fn an_empty_frame_is_sixteen_bytes() {
        let empty = Frame { headers: Vec::new(), payload: Bytes::new() };
        let bytes = [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff];
        assert_eq!(empty.encode(), bytes);
        assert_eq!(Frame::decode(&bytes), Ok(Some((empty, 16))));
    }

    #[test]
    fn half_a_frame_is_waited_for_and_a_damaged_one_is_not() {
        let bytes = Frame::new("event").payload("hi").encode();
        for end in 0..bytes.len() {
            assert_eq!(Frame::decode(&bytes[..end]), Ok(None), "{end}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Frame::decode(&damaged), Err(Malformed), "{at}");
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        let frame = Frame::new("event").with("long", &"ä".repeat(20_000));
        let (read, _) = Frame::decode(&frame.encode()).unwrap().unwrap();
        let Some(Header::Text(text)) = read.header("long") else { panic!("a text") };
        assert_eq!(text.chars().count(), 16_383);
    }

    fn header() -> impl Strategy<Value = Header> {
        prop_oneof![
            any::<bool>().prop_map(Header::Bool),
            any::<i8>().prop_map(Header::Byte),
            any::<i16>().prop_map(Header::Short),
            any::<i32>().prop_map(Header::Int),
            any::<i64>().prop_map(Header::Long),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(Header::Bytes),
            ".{0,9}".prop_map(Header::Text),
            any::<i64>().prop_map(Header::Timestamp),
            any::<[u8; 16]>().prop_map(Header::Uuid),
        ]
    }

    proptest! {
        #[test]
        fn frames_read_as_they_were_written(
            headers in prop::collection::vec((".{1,9}", header()), 0..5),
            payload in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let frame = Frame { headers, payload: payload.into() };
            let bytes = frame.encode();
            prop_assert_eq!(Frame::decode(&bytes), Ok(Some((frame, bytes.len()))));
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            drop(Frame::decode(&bytes));
        }
    }
}
