//! What one instance and the platform have said to each other, and what may be said next. Pure state: no sockets.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, oneshot};

use super::call::Call;

/// What the function posted for an invocation.
#[derive(Debug)]
pub(crate) enum Finished {
    Response(Bytes),
    Error(Bytes),
    /// Passed on already; with the error that ended it.
    Streamed(Option<Bytes>),
    /// Over this limit, in bytes.
    TooLarge(usize),
    /// It was being passed on when it broke off.
    Broken,
    /// The instance ended before its runtime asked for this call: another one may take it.
    Undelivered(Arc<Call>),
}

/// What the runtime posted about its start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Started {
    Ready,
    Failed { kind: String, payload: Bytes },
}

/// Why a request of the runtime is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such invocation is open: forged, or too late.
    UnknownId,
    /// The id is right but the moment isn't: answered already, or never handed out.
    State { from: &'static str, to: &'static str },
}

#[derive(Debug)]
struct Open {
    call: Arc<Call>,
    done: Option<oneshot::Sender<Finished>>,
    delivered: bool,
}

/// An answer that is being posted piece by piece: nothing else is taken for its call.
#[derive(Debug)]
pub(crate) struct Answering {
    pub(crate) call: Arc<Call>,
    done: oneshot::Sender<Finished>,
}

impl Answering {
    /// It has been posted, or won't be.
    pub(crate) fn end(self, finished: Finished) {
        // The caller may have given up.
        drop(self.done.send(finished));
    }
}

#[derive(Debug, Default)]
struct Inner {
    /// Answered `next` with this when there is a call.
    waiter: Option<oneshot::Sender<Arc<Call>>>,
    open: Option<Open>,
    started: Option<oneshot::Sender<Started>>,
    closed: bool,
}

/// The Runtime API's side of one instance.
#[derive(Debug)]
pub(crate) struct Session {
    inner: Mutex<Inner>,
    /// Held while a body is read: one is as much as a runtime ever posts at a time, and all that the platform holds.
    posting: AsyncMutex<()>,
}

impl Session {
    /// The receiver hears how the start went; it closes when the session does.
    pub(crate) fn new() -> (Arc<Self>, oneshot::Receiver<Started>) {
        let (tell, started) = oneshot::channel();
        let inner = Inner { started: Some(tell), ..Inner::default() };
        (Arc::new(Self { inner: Mutex::new(inner), posting: AsyncMutex::default() }), started)
    }

    /// The turn to post something.
    pub(crate) async fn turn(&self) -> AsyncMutexGuard<'_, ()> {
        self.posting.lock().await
    }

    /// Hands a call to the runtime, at once if it waits for one. The receiver closes without a word when the
    /// instance ends with the call in its hands.
    pub(crate) fn begin(&self, call: Call) -> oneshot::Receiver<Finished> {
        let (done, finished) = oneshot::channel();
        let call = Arc::new(call);
        let mut inner = self.inner.lock();
        if inner.closed {
            // Its receiver is at hand, so this can't fail.
            drop(done.send(Finished::Undelivered(call)));
            return finished;
        }
        let waiter = inner.waiter.take();
        let delivered = waiter.is_some_and(|w| w.send(Arc::clone(&call)).is_ok());
        inner.open = Some(Open { call, done: Some(done), delivered });
        finished
    }

    /// The runtime asks for work. A second question displaces the first, whose receiver then closes.
    pub(crate) fn next(&self) -> Result<oneshot::Receiver<Arc<Call>>, Refusal> {
        let mut inner = self.inner.lock();
        if let Some(tell) = inner.started.take() {
            // Nobody listens any more if the start was given up.
            drop(tell.send(Started::Ready));
        }
        let (give, receive) = oneshot::channel();
        match &mut inner.open {
            Some(open) if !open.delivered => {
                open.delivered = give.send(Arc::clone(&open.call)).is_ok();
            }
            // While its answer is on the way, who asks waits: AWS's clients do it when a stream fails.
            Some(open) if open.done.is_some() => {
                return Err(Refusal::State { from: "Running", to: "Ready" });
            }
            _ => inner.waiter = Some(give),
        }
        Ok(receive)
    }

    /// May the runtime post something for `id` now?
    pub(crate) fn check(&self, id: &str, to: &'static str) -> Result<(), Refusal> {
        match &self.inner.lock().open {
            Some(open) if *open.call.id == *id && open.delivered => match open.done {
                Some(_) => Ok(()),
                None => Err(Refusal::State { from: "ResponseSent", to }),
            },
            _ => Err(Refusal::UnknownId),
        }
    }

    /// The first answer for the open call ends it.
    pub(crate) fn finish(&self, id: &str, to: &'static str, finished: Finished) -> Result<(), Refusal> {
        self.check(id, to)?;
        let done = self.inner.lock().open.as_mut().and_then(|open| open.done.take());
        let Some(done) = done else { return Err(Refusal::State { from: "ResponseSent", to }) };
        // The caller may have given up: the runtime has done its part all the same.
        drop(done.send(finished));
        Ok(())
    }

    /// May the runtime still say that it could not start?
    pub(crate) fn check_init(&self) -> Result<(), Refusal> {
        match self.inner.lock().started {
            Some(_) => Ok(()),
            None => Err(Refusal::State { from: "Ready", to: "InitError" }),
        }
    }

    /// The runtime begins to post its answer.
    pub(crate) fn start(&self, id: &str, to: &'static str) -> Result<Answering, Refusal> {
        self.check(id, to)?;
        let mut inner = self.inner.lock();
        let taken = inner.open.as_mut().and_then(|open| Some((open.done.take()?, Arc::clone(&open.call))));
        let Some((done, call)) = taken else { return Err(Refusal::State { from: "ResponseSent", to }) };
        Ok(Answering { call, done })
    }

    /// The runtime could not start.
    pub(crate) fn init_failed(&self, kind: String, payload: Bytes) -> Result<(), Refusal> {
        let Some(tell) = self.inner.lock().started.take() else {
            return Err(Refusal::State { from: "Ready", to: "InitError" });
        };
        drop(tell.send(Started::Failed { kind, payload }));
        Ok(())
    }

    /// The instance is gone: everybody who waits hears it.
    pub(crate) fn close(&self) {
        let mut inner = self.inner.lock();
        let before = std::mem::replace(&mut *inner, Inner { closed: true, ..Inner::default() });
        drop(inner);
        if let Some(Open { call, done: Some(done), delivered: false, .. }) = before.open {
            drop(done.send(Finished::Undelivered(call)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str) -> Call {
        Call::sample(id)
    }

    #[test]
    fn a_call_goes_to_whoever_waits_and_its_answer_comes_back() {
        let (session, mut started) = Session::new();
        let mut next = session.next().unwrap();
        assert_eq!(started.try_recv().unwrap(), Started::Ready);
        let mut done = session.begin(call("a"));
        assert_eq!(*next.try_recv().unwrap().id, *"a");
        session.finish("a", "InvocationResponse", Finished::Response(Bytes::from_static(b"1"))).unwrap();
        assert!(matches!(done.try_recv().unwrap(), Finished::Response(body) if body == "1"));
    }

    #[test]
    fn a_call_that_came_first_waits_for_the_runtime() {
        let (session, _started) = Session::new();
        let _done = session.begin(call("a"));
        assert_eq!(*session.next().unwrap().try_recv().unwrap().id, *"a");
    }

    #[test]
    fn forged_stale_and_double_answers_are_refused() {
        let (session, _started) = Session::new();
        let _done = session.begin(call("a"));
        assert_eq!(session.check("a", "x"), Err(Refusal::UnknownId), "not handed out yet");
        let _next = session.next().unwrap();
        assert_eq!(session.finish("b", "x", Finished::TooLarge(1)), Err(Refusal::UnknownId));
        assert_eq!(session.finish("a", "x", Finished::TooLarge(1)), Ok(()));
        let double = Refusal::State { from: "ResponseSent", to: "x" };
        assert_eq!(session.finish("a", "x", Finished::TooLarge(1)), Err(double));
        let _done = session.begin(call("c"));
        assert_eq!(session.finish("a", "x", Finished::TooLarge(1)), Err(Refusal::UnknownId), "stale");
    }

    #[test]
    fn an_answer_that_has_begun_is_the_only_one() {
        let (session, _started) = Session::new();
        let mut done = session.begin(call("a"));
        let _next = session.next().unwrap();
        let answering = session.start("a", "x").unwrap();
        let double = Refusal::State { from: "ResponseSent", to: "x" };
        assert_eq!(session.finish("a", "x", Finished::TooLarge(1)), Err(double));
        assert_eq!(session.start("a", "x").unwrap_err(), double);
        answering.end(Finished::Streamed(None));
        assert!(matches!(done.try_recv(), Ok(Finished::Streamed(None))));
        assert!(session.next().is_ok());
    }

    #[test]
    fn an_answer_that_nobody_ends_ends_its_call() {
        let (session, _started) = Session::new();
        let mut done = session.begin(call("a"));
        let _next = session.next().unwrap();
        drop(session.start("a", "x").unwrap());
        assert!(matches!(done.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    }

    #[test]
    fn asking_again_before_answering_is_refused() {
        let (session, _started) = Session::new();
        let _done = session.begin(call("a"));
        let _next = session.next().unwrap();
        assert_eq!(session.next().unwrap_err(), Refusal::State { from: "Running", to: "Ready" });
    }

    #[test]
    fn asking_while_the_answer_is_on_its_way_waits_for_the_next_call() {
        let (session, _started) = Session::new();
        let mut done = session.begin(call("a"));
        let _first = session.next().unwrap();
        let answering = session.start("a", "x").unwrap();
        let mut second = session.next().unwrap();
        answering.end(Finished::Streamed(None));
        assert!(matches!(done.try_recv(), Ok(Finished::Streamed(None))));
        let _next = session.begin(call("b"));
        assert_eq!(*second.try_recv().unwrap().id, *"b");
    }

    #[test]
    fn the_second_waiter_displaces_the_first() {
        let (session, _started) = Session::new();
        let mut first = session.next().unwrap();
        let mut second = session.next().unwrap();
        assert!(first.try_recv().is_err());
        let _done = session.begin(call("a"));
        assert!(second.try_recv().is_ok());
    }

    #[test]
    fn an_instance_that_ends_closes_what_was_open() {
        let (session, mut started) = Session::new();
        let _next = session.next().unwrap();
        let mut done = session.begin(call("a"));
        session.close();
        assert_eq!(started.try_recv(), Ok(Started::Ready));
        assert!(matches!(done.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    }

    #[test]
    fn a_call_that_the_runtime_never_saw_comes_back() {
        let (session, _started) = Session::new();
        let mut early = session.begin(call("a"));
        session.close();
        assert!(matches!(early.try_recv(), Ok(Finished::Undelivered(call)) if *call.id == *"a"));
        let mut late = session.begin(call("b"));
        assert!(matches!(late.try_recv(), Ok(Finished::Undelivered(call)) if *call.id == *"b"));
    }

    #[test]
    fn an_init_error_is_told_once() {
        let (session, mut started) = Session::new();
        assert!(session.init_failed("Runtime.X".into(), Bytes::new()).is_ok());
        assert!(matches!(started.try_recv(), Ok(Started::Failed { .. })));
        assert!(session.init_failed("Runtime.X".into(), Bytes::new()).is_err());
    }
}
