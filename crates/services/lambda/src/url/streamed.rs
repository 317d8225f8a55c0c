//! Answers that go out as the function writes them.

use std::io;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::{HeaderMap, HeaderValue, header};
use updraft_kernel::BoxFuture;
use updraft_kernel::ports::{HttpBody, HttpResponse, RunOutcome, Streamed};
use updraft_proxy::answer::Head;

use super::answer::Refusal;
use super::prelude::{CONTENT_TYPE, Prelude};

/// The response to a function's answer: as soon as its first byte is there, and its head where it has one.
pub(super) async fn respond(answer: Streamed) -> Result<HttpResponse, Refusal> {
    let Streamed { content_type, mut pieces, ended } = answer;
    let begun = if content_type == CONTENT_TYPE {
        prelude(&mut pieces).await?
    } else {
        pieces.next().await.map(|first| (typed(&content_type), first))
    };
    let Some((head, first)) = begun else { return nothing(ended.await, &content_type) };
    Ok(HttpResponse { status: head.status, headers: head.headers, body: body(first, pieces, ended) })
}

/// AWS: without a head of its own an answer is a success, whatever it is.
fn typed(content_type: &str) -> Head {
    let kind = HeaderValue::try_from(content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Head { status: 200, headers: HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]) }
}

/// `None`: the answer ended before its head.
async fn prelude(pieces: &mut BoxStream<'static, Bytes>) -> Result<Option<(Head, Bytes)>, Refusal> {
    let mut prelude = Prelude::default();
    while let Some(piece) = pieces.next().await {
        if let Some(begun) = prelude.push(&piece)? {
            return Ok(Some(begun));
        }
    }
    Ok(None)
}

/// An answer without a byte.
fn nothing(outcome: RunOutcome, content_type: &str) -> Result<HttpResponse, Refusal> {
    if outcome.error.is_some() || content_type == CONTENT_TYPE {
        return Err(Refusal::BadGateway);
    }
    let Head { status, headers } = typed(content_type);
    Ok(HttpResponse { status, headers, body: Bytes::new().into() })
}

/// What is left of the answer. A function that fails now breaks it off: its status is out.
fn body(first: Bytes, pieces: BoxStream<'static, Bytes>, ended: BoxFuture<'static, RunOutcome>) -> HttpBody {
    let first = stream::iter((!first.is_empty()).then_some(first));
    let end = stream::once(ended).filter_map(|outcome| async move {
        outcome.error.map(|_| Err(io::Error::other("the function failed in the middle of its answer")))
    });
    HttpBody::Pieces(first.chain(pieces).map(Ok).chain(end).boxed())
}
