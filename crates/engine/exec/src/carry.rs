//! Work that is carried to its end even when nobody waits for it any more.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use updraft_kernel::{BoxFuture, Tasks};

/// Runs in its caller's task, without a hop. Dropped half-way (a client hung up), it goes on as a task of its own:
/// AWS, too, lets an invocation finish whose caller is gone.
pub(crate) struct Carried<T: Send + 'static> {
    work: Option<BoxFuture<'static, T>>,
    tasks: Tasks,
}

impl<T: Send + 'static> Carried<T> {
    pub(crate) fn new(tasks: &Tasks, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { work: Some(Box::pin(work)), tasks: tasks.clone() }
    }
}

impl<T: Send + 'static> Future for Carried<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.work.as_mut() else { return Poll::Pending };
        let polled = work.as_mut().poll(cx);
        if polled.is_ready() {
            self.work = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Carried<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.tasks.spawn("abandoned invocation", async move { drop(work.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_its_caller_is_gone() {
        let tasks = Tasks::new();
        let done = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&done);
        let mut carried = Box::pin(Carried::new(&tasks, async move {
            tokio::task::yield_now().await;
            tell.store(true, Ordering::SeqCst);
        }));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(carried.as_mut().poll(&mut cx).is_pending());
        drop(carried);
        tasks.stop().await;
        assert!(done.load(Ordering::SeqCst));
    }
}
