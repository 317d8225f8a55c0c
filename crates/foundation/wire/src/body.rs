//! Bodies that are never held as a whole: what a client sends in, and what it is answered.

use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, once};
use updraft_kernel::AwsError;

use crate::{FromValue, IntoValue, Value};

/// Pieces of a body in their order, of any size. An error is the last of them, and what came before it is no body.
pub type Pieces = BoxStream<'static, Result<Bytes, AwsError>>;

/// A body whose bytes are had once: whoever takes them first has them, of all clones.
#[derive(Clone, Default)]
pub struct ByteStream {
    length: Option<u64>,
    content: Arc<Mutex<Content>>,
    trailers: Trailers,
}

#[derive(Default)]
enum Content {
    Whole(Bytes),
    Pieces(Pieces),
    #[default]
    Taken,
}

impl ByteStream {
    /// `length` is in bytes, where it is known before the end.
    #[must_use]
    pub fn new(length: Option<u64>, pieces: Pieces) -> Self {
        Self::of(length, Content::Pieces(pieces))
    }

    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self::of(u64::try_from(bytes.len()).ok(), Content::Whole(bytes))
    }

    fn of(length: Option<u64>, content: Content) -> Self {
        Self { length, content: Arc::new(Mutex::new(content)), trailers: Trailers::default() }
    }

    /// With trailers, which whoever makes the pieces fills in before the last.
    #[must_use]
    pub fn with_trailers(mut self, trailers: Trailers) -> Self {
        self.trailers = trailers;
        self
    }

    /// In bytes.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    #[must_use]
    pub fn trailers(&self) -> &Trailers {
        &self.trailers
    }

    /// The bytes, if they are all there and nobody has taken them.
    #[must_use]
    pub fn take_whole(&self) -> Option<Bytes> {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::take(&mut *content) {
            Content::Whole(bytes) => Some(bytes),
            other => {
                *content = other;
                None
            }
        }
    }

    /// The pieces; where somebody has taken them already, an error.
    #[must_use]
    pub fn take(&self) -> Pieces {
        match std::mem::take(&mut *self.content.lock().unwrap_or_else(PoisonError::into_inner)) {
            Content::Whole(bytes) if bytes.is_empty() => futures_util::stream::empty().boxed(),
            Content::Whole(bytes) => once(ready(Ok(bytes))).boxed(),
            Content::Pieces(pieces) => pieces,
            Content::Taken => once(ready(Err(AwsError::internal("a body was taken twice")))).boxed(),
        }
    }

    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(*self.content.lock().unwrap_or_else(PoisonError::into_inner), Content::Taken)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").field("length", &self.length).finish_non_exhaustive()
    }
}

/// The same body, not one of the same bytes.
impl PartialEq for ByteStream {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.content, &other.content)
    }
}

impl FromValue for ByteStream {
    fn from_value(value: Value) -> Self {
        match value {
            Value::Stream(stream) => stream,
            Value::Blob(bytes) => Self::whole(bytes),
            _ => Self::whole(Bytes::new()),
        }
    }
}

impl IntoValue for ByteStream {
    fn into_value(self) -> Value {
        Value::Stream(self)
    }
}

/// What a body says behind its last byte. Empty until then.
#[derive(Clone, Debug, Default)]
pub struct Trailers {
    announced: Vec<String>,
    found: Arc<OnceLock<Vec<(String, String)>>>,
}

impl Trailers {
    /// With the names of those that are to come.
    #[must_use]
    pub fn announced_by(header: &str) -> Self {
        let names = header.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
        Self { announced: names.collect(), found: Arc::default() }
    }

    /// In lower case.
    #[must_use]
    pub fn announced(&self) -> &[String] {
        &self.announced
    }

    /// Names in lower case. Only the first filling counts.
    pub fn fill(&self, trailers: Vec<(String, String)>) {
        self.found.get_or_init(|| trailers);
    }

    /// The value of that name, in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.found.get()?.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn collected(stream: &ByteStream) -> Result<Vec<Bytes>, AwsError> {
        let pieces: Vec<_> = stream.take().collect().now_or_never().unwrap();
        pieces.into_iter().collect()
    }

    #[test]
    fn the_first_of_all_clones_has_the_bytes() {
        let stream = ByteStream::whole("abc".into());
        let clone = stream.clone();
        assert_eq!((clone.length(), clone.is_taken()), (Some(3), false));
        assert_eq!(collected(&clone).unwrap(), ["abc"]);
        assert!(stream.is_taken());
        assert!(collected(&stream).is_err());
    }

    #[test]
    fn only_what_is_whole_is_taken_as_a_whole() {
        let pieces = ByteStream::new(None, once(ready(Ok("abc".into()))).boxed());
        assert_eq!((pieces.take_whole(), pieces.is_taken()), (None, false));
        let whole = ByteStream::from_value(Value::Blob("abc".into()));
        assert_eq!((whole.take_whole().as_deref(), whole.take_whole()), (Some(&b"abc"[..]), None));
    }

    #[test]
    fn trailers_come_late() {
        let trailers = Trailers::announced_by("x-amz-checksum-CRC32, other");
        assert_eq!(trailers.announced(), ["x-amz-checksum-crc32", "other"]);
        let stream = ByteStream::whole(Bytes::new()).with_trailers(trailers.clone());
        assert_eq!(stream.trailers().get("x-amz-checksum-crc32"), None);
        trailers.fill(vec![("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())]);
        assert_eq!(stream.trailers().get("x-amz-checksum-crc32"), Some("AAAAAA=="));
    }
}
