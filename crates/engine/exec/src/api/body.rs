//! Reading what a runtime posts, without ever holding more than is allowed.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::failure::RESPONSE_LIMIT;

/// How a body was read.
pub(crate) enum Posted {
    Whole(Bytes),
    /// Longer than the limit; read to its end and thrown away, so that the runtime isn't stuck writing.
    TooLarge,
    /// The connection broke off.
    Broken,
}

pub(crate) async fn read(mut body: Incoming) -> Posted {
    let expected = body.size_hint().exact().and_then(|n| usize::try_from(n).ok());
    let mut whole = Bytes::new();
    let mut parts = BytesMut::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Posted::Broken };
        let Ok(data) = frame.into_data() else { continue };
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
    match size {
        _ if size > RESPONSE_LIMIT => Posted::TooLarge,
        _ if expected == Some(whole.len()) => Posted::Whole(whole),
        _ => Posted::Whole(parts.freeze()),
    }
}
