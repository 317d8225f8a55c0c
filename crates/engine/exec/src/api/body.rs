//! Reading what a runtime posts, without ever holding more than is allowed.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::stream;
use crate::failure::RESPONSE_LIMIT;

/// How a body was read.
pub(crate) enum Posted {
    Whole(Bytes),
    /// Its trailers say that the function failed: the error as JSON.
    Failed(Bytes),
    /// Longer than the limit; read to its end and thrown away, so that the runtime isn't stuck writing.
    TooLarge,
    /// The connection broke off.
    Broken,
}

pub(crate) async fn read(mut body: Incoming) -> Posted {
    let expected = body.size_hint().exact().and_then(|n| usize::try_from(n).ok());
    let mut whole = Bytes::new();
    let mut parts = BytesMut::new();
    let (mut size, mut failed) = (0, None);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Posted::Broken };
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => {
                failed = frame.into_trailers().ok().and_then(|trailers| stream::error(&trailers));
                continue;
            }
        };
        size += data.len();
        if size > RESPONSE_LIMIT {
            parts = BytesMut::new();
        } else if size == data.len() && expected == Some(size) {
            // The usual small answer comes in one piece and is passed on without a copy.
            whole = data;
        } else {
            parts.extend_from_slice(&data);
        }
    }
    match failed {
        _ if size > RESPONSE_LIMIT => Posted::TooLarge,
        Some(error) => Posted::Failed(error),
        None if expected == Some(whole.len()) => Posted::Whole(whole),
        None => Posted::Whole(parts.freeze()),
    }
}
