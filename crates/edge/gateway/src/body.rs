//! Reading a request's body: all of it, within a limit, inflated where it says so. A body is never held twice.

use std::io::Read;

use bytes::{Bytes, BytesMut};
use flate2::read::GzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::Body;
use http_body_util::BodyExt;

/// Why a body couldn't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is over the limit of {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the body ended before it was whole, or its framing is broken")]
    Broken,
    #[error("the body says it is gzip and isn't")]
    BadGzip,
}

/// # Errors
/// If it is longer than `limit`, or the connection or its framing breaks.
pub(crate) async fn read<B>(mut body: B, limit: usize) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let promised = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if promised > limit {
        return Err(BodyError::TooLarge { limit });
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > limit {
            return Err(BodyError::TooLarge { limit });
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(promised.max(first.len() + data.len()));
            rest.extend_from_slice(&first);
            first = Bytes::new();
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// The body as the operation means it: `Content-Encoding: gzip` undone, never to more than `limit` bytes.
///
/// # Errors
/// If it isn't gzip, or would inflate past the limit.
pub(crate) fn inflate(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, BodyError> {
    let gzip = headers.get(CONTENT_ENCODING).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"gzip"));
    if !gzip {
        return Ok(body);
    }
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut out = Vec::new();
    GzDecoder::new(&*body).take(bound).read_to_end(&mut out).map_err(|_| BodyError::BadGzip)?;
    if out.len() > limit { Err(BodyError::TooLarge { limit }) } else { Ok(out.into()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use http_body_util::Full;

    use super::*;

    fn zipped(plain: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap().into()
    }

    fn gzip() -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, "gzip".parse().unwrap())])
    }

    #[tokio::test]
    async fn a_body_at_the_limit_is_read_and_one_byte_more_is_not() {
        let read_with = async |limit| read(Full::new(Bytes::from_static(b"12345")), limit).await;
        assert_eq!(read_with(5).await.unwrap(), "12345");
        assert!(matches!(read_with(4).await, Err(BodyError::TooLarge { limit: 4 })));
    }

    #[test]
    fn gzip_is_undone_within_the_limit() {
        let bomb = zipped(&vec![0; 100_000]);
        assert_eq!(inflate(&gzip(), zipped(b"hello"), 5).unwrap(), "hello");
        assert!(matches!(inflate(&gzip(), bomb, 99_999), Err(BodyError::TooLarge { .. })));
        assert!(matches!(inflate(&gzip(), Bytes::from_static(b"plain"), 99), Err(BodyError::BadGzip)));
        assert_eq!(inflate(&HeaderMap::new(), Bytes::from_static(b"plain"), 99).unwrap(), "plain");
    }
}
