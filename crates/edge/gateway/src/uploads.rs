//! How much of their requests' bodies the platform holds for a function at a time. Its connections are its own, but not
//! the memory that a body is read into.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Bodies above this are read one after the other, and so are those that don't say how long they are.
const LARGE: u64 = 1 << 20;
/// What all others may hold together while they are read, in the unit of `KIB`.
const SMALL: usize = 64 << 10;
const KIB: u64 = 1 << 10;

/// The turns of one function's instance. Bodies wait for theirs, and nobody else's.
#[derive(Debug)]
pub struct Uploads {
    large: Arc<Semaphore>,
    small: Arc<Semaphore>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { large: Arc::new(Semaphore::new(1)), small: Arc::new(Semaphore::new(SMALL)) }
    }
}

impl Uploads {
    fn turn(&self, promised: Option<u64>) -> BoxFuture<'static, Permit> {
        let small = promised.filter(|bytes| *bytes <= LARGE).and_then(|bytes| u32::try_from(bytes.div_ceil(KIB)).ok());
        match small {
            Some(units) => Box::pin(Arc::clone(&self.small).acquire_many_owned(units)),
            None => Box::pin(Arc::clone(&self.large).acquire_owned()),
        }
    }
}

type Permit = Result<OwnedSemaphorePermit, AcquireError>;

enum Turn {
    /// Nobody to wait for.
    Free,
    Waiting(BoxFuture<'static, Permit>),
    /// Until the body is read. Nobody closes the semaphores.
    Held(#[expect(dead_code, reason = "held, not read")] Permit),
}

/// A body that is read in its turn.
pub(crate) struct InTurn<B> {
    body: B,
    turn: Turn,
}

impl<B> InTurn<B> {
    /// The body out of its turn: for whoever doesn't hold what is read.
    pub(crate) fn at_once(self) -> B {
        self.body
    }
}

impl<B: Body> InTurn<B> {
    pub(crate) fn new(body: B, uploads: Option<&Uploads>) -> Self {
        let turn = match uploads {
            Some(uploads) if !body.is_end_stream() => Turn::Waiting(uploads.turn(body.size_hint().exact())),
            _ => Turn::Free,
        };
        Self { body, turn }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for InTurn<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Turn::Waiting(turn) = &mut self.turn {
            self.turn = Turn::Held(ready!(turn.as_mut().poll(cx)));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.turn = Turn::Free;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use http_body_util::{BodyExt, Full};

    use super::*;

    fn body(bytes: usize, uploads: &Uploads) -> InTurn<Full<Bytes>> {
        InTurn::new(Full::new(Bytes::from(vec![0; bytes])), Some(uploads))
    }

    const BIG: usize = 2 << 20;

    #[test]
    fn large_bodies_are_read_one_after_the_other() {
        let uploads = Uploads::default();
        let (mut first, mut second) = (body(BIG, &uploads), body(BIG, &uploads));
        assert!(first.frame().now_or_never().is_some());
        assert!(second.frame().now_or_never().is_none(), "the first isn't at its end");
        assert!(body(10, &uploads).frame().now_or_never().is_some(), "small ones don't wait for it");
        assert!(first.frame().now_or_never().is_some_and(|end| end.is_none()));
        assert!(second.frame().now_or_never().is_some());
    }

    #[test]
    fn whoever_gives_up_gives_its_turn_back() {
        let uploads = Uploads::default();
        let mut first = body(BIG, &uploads);
        assert!(first.frame().now_or_never().is_some());
        drop(first);
        assert!(body(BIG, &uploads).frame().now_or_never().is_some());
    }

    #[test]
    fn small_bodies_have_a_sum() {
        let uploads = Uploads::default();
        let mut held: Vec<_> = (0..64).map(|_| body(1 << 20, &uploads)).collect();
        assert!(held.iter_mut().all(|body| body.frame().now_or_never().is_some()));
        let mut next = body(1, &uploads);
        assert!(next.frame().now_or_never().is_none());
        held.pop();
        assert!(next.frame().now_or_never().is_some());
    }

    #[test]
    fn nobody_elses_bodies_wait() {
        let (one, other) = (Uploads::default(), Uploads::default());
        let mut first = body(BIG, &one);
        assert!(first.frame().now_or_never().is_some());
        assert!(body(BIG, &other).frame().now_or_never().is_some());
        assert!(InTurn::new(Full::new(Bytes::from(vec![0; BIG])), None).frame().now_or_never().is_some());
    }
}
