//! Bodies that go to their operation as they come: checked on the way against what the signature said of them, and
//! never held as a whole.

use std::fmt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::sync::Mutex;
use updraft_kernel::{AwsError, ErrorCode};
use updraft_sigv4::{ChunkDecoder, ChunkError, PayloadCheck, PayloadMode, Style};
use updraft_wire::{ByteStream, Pieces, Trailers};

use crate::auth::Caller;

static INCOMPLETE_BODY: ErrorCode = ErrorCode::sender("IncompleteBody", 400);
static NOT_IMPLEMENTED: ErrorCode = ErrorCode::sender("NotImplemented", 501);

/// What is read and thrown away of a body that nobody wants any more.
const DRAINED: usize = 4 << 20;

/// A body on the line: read by its operation, and where that gave up early, by whoever clears the line.
#[derive(Clone)]
pub(crate) struct Line(Arc<Mutex<BoxStream<'static, Option<Bytes>>>>);

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line(…)")
    }
}

impl Line {
    pub(crate) fn of<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
    {
        let frames = body.into_data_stream().map(Result::ok);
        Self(Arc::new(Mutex::new(frames.boxed())))
    }

    /// # Errors
    /// If the connection breaks before the end.
    pub(crate) async fn next(&self) -> Option<Result<Bytes, AwsError>> {
        let frame = self.0.lock().await.next().await?;
        Some(frame.ok_or_else(|| AwsError::new(&INCOMPLETE_BODY, "The request body terminated unexpectedly")))
    }

    /// Reads on after a refusal, for a while: a client that still sends would not look for its answer. One that waits
    /// to be asked for the body is not asked.
    pub(crate) async fn clear(&self, headers: &HeaderMap) {
        let mut left = if headers.contains_key(EXPECT) { 0 } else { DRAINED };
        while left > 0 {
            let Some(Ok(bytes)) = self.next().await else { return };
            left = left.saturating_sub(bytes.len());
        }
    }
}

/// The body that the operation gets.
///
/// # Errors
/// If its length isn't said.
pub(crate) fn stream(line: Line, headers: &HeaderMap, caller: &Caller) -> Result<ByteStream, AwsError> {
    let declared = caller.claim.as_ref().map(|claim| claim.payload);
    match declared.unwrap_or_else(|| PayloadMode::unsigned(headers)) {
        mode if mode.is_chunked() => chunked(line, headers, (mode, caller)),
        PayloadMode::Sha256(hash) => plain(line, headers, Some(PayloadCheck::new(hash))),
        _ => plain(line, headers, None),
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn plain(line: Line, headers: &HeaderMap, check: Option<PayloadCheck>) -> Result<ByteStream, AwsError> {
    if headers.contains_key(http::header::TRANSFER_ENCODING) {
        // AWS: S3 takes chunks in its own framing only.
        let message = "A header you provided implies functionality that is not implemented";
        return Err(AwsError::new(&NOT_IMPLEMENTED, message).with("Header", "Transfer-Encoding"));
    }
    let length = number(headers, CONTENT_LENGTH.as_str()).unwrap_or(0);
    let pieces = stream::unfold(Some((line, check)), |state| async move {
        let (line, mut check) = state?;
        match line.next().await {
            Some(Ok(bytes)) => {
                if let Some(check) = &mut check {
                    check.update(&bytes);
                }
                Some((Ok(bytes), Some((line, check))))
            }
            Some(Err(err)) => Some((Err(err), None)),
            None => {
                let wrong = check?.finish().err()?;
                Some((Err(updraft_sigv4::to_aws(&wrong, Style::S3)), None))
            }
        }
    });
    Ok(ByteStream::new(Some(length), pieces.boxed()))
}

/// A body in S3's own framing, on its way out of it.
struct Unframing {
    line: Line,
    decoder: ChunkDecoder,
    trailers: Trailers,
}

fn chunked(line: Line, headers: &HeaderMap, (mode, caller): (PayloadMode, &Caller)) -> Result<ByteStream, AwsError> {
    let length = number(headers, "x-amz-decoded-content-length").ok_or_else(ChunkError::missing_decoded_length)?;
    let announced = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok());
    let trailers = Trailers::announced_by(announced.unwrap_or_default());
    let decoder = ChunkDecoder::new(mode, length, caller.chunks.clone());
    let unframing = Unframing { line, decoder, trailers: trailers.clone() };
    let pieces: Pieces = stream::unfold(Some(unframing), |state| async move { state?.next().await }).boxed();
    Ok(ByteStream::new(Some(length), pieces).with_trailers(trailers))
}

impl Unframing {
    async fn next(mut self) -> Option<(Result<Bytes, AwsError>, Option<Self>)> {
        let mut plain = BytesMut::new();
        loop {
            match self.line.next().await {
                Some(Ok(bytes)) => match self.decoder.push(&bytes, &mut plain) {
                    Ok(()) if plain.is_empty() => {}
                    Ok(()) => return Some((Ok(plain.freeze()), Some(self))),
                    Err(err) => return Some((Err(err.to_aws()), None)),
                },
                Some(Err(err)) => return Some((Err(err), None)),
                None => return self.end().map(|err| (Err(err), None)),
            }
        }
    }

    fn end(self) -> Option<AwsError> {
        match self.decoder.finish() {
            Ok(found) => {
                self.trailers.fill(found);
                None
            }
            Err(err) => Some(err.to_aws()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http_body_util::Full;
    use updraft_kernel::{Identity, Principal};

    use super::*;

    fn caller() -> Caller {
        let account = updraft_kernel::AccountId::local();
        let identity = Identity { account, principal: Principal::Anonymous, access_key_id: String::new() };
        Caller { identity, region: updraft_kernel::Region::default_region(), claim: None, chunks: None }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair =
            |(name, value): &(&'static str, &'static str)| (name.parse().unwrap(), HeaderValue::from_static(value));
        pairs.iter().map(pair).collect::<HeaderMap>()
    }

    async fn received(
        body: &'static str,
        pairs: &[(&'static str, &'static str)],
    ) -> (Result<String, String>, ByteStream) {
        let line = Line::of(Full::new(Bytes::from_static(body.as_bytes())));
        let stream = match stream(line, &headers(pairs), &caller()) {
            Ok(stream) => stream,
            Err(err) => return (Err(err.code().name.to_owned()), ByteStream::default()),
        };
        let mut text = String::new();
        let mut pieces = stream.take();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => text += std::str::from_utf8(&piece).unwrap(),
                Err(err) => return (Err(err.code().name.to_owned()), stream),
            }
        }
        (Ok(text), stream)
    }

    const SHA: &str = "x-amz-content-sha256";

    #[tokio::test]
    async fn a_declared_hash_is_checked_at_the_end() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(received("abc", &[(SHA, abc), ("content-length", "3")]).await.0, Ok("abc".to_owned()));
        let other = received("abd", &[(SHA, abc), ("content-length", "3")]).await.0;
        assert_eq!(other, Err("XAmzContentSHA256Mismatch".to_owned()));
    }

    #[tokio::test]
    async fn framing_is_undone_and_trailers_are_told() {
        let body = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n";
        let mode = (SHA, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        let (text, stream) = received(body, &[mode, ("x-amz-decoded-content-length", "3")]).await;
        assert_eq!((text, stream.length()), (Ok("abc".to_owned()), Some(3)));
        assert_eq!(stream.trailers().get("x-amz-checksum-crc32"), Some("NSRBwg=="));
        assert_eq!(received(body, &[mode]).await.0, Err("InvalidRequest".to_owned()));
        let longer = received(body, &[mode, ("x-amz-decoded-content-length", "4")]).await.0;
        assert_eq!(longer, Err("IncompleteBody".to_owned()));
    }

    #[tokio::test]
    async fn what_is_left_is_read_unless_the_client_waits_to_be_asked() {
        let line = Line::of(Full::new(Bytes::from_static(b"abc")));
        line.clear(&headers(&[("expect", "100-continue")])).await;
        assert_eq!(line.next().await.unwrap().unwrap(), "abc");
        let line = Line::of(Full::new(Bytes::from_static(b"abc")));
        line.clear(&HeaderMap::new()).await;
        assert!(line.next().await.is_none());
    }
}
