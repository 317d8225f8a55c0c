//! Futures that wake themselves while they are polled.
//!
//! A connection of hyper's does that for each request with a body: what reads the body and what hands it over are the
//! same task, and wake each other. To the scheduler each such wake is new work, for which it wakes another thread; on a
//! round trip of some ten microseconds that costs more than the work itself. Measured on Invoke: 3.7 threads woken per
//! call, none of them with anything to do.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

const RESTING: u8 = 0;
const POLLED: u8 = 1;
const WOKEN: u8 = 2;

/// So often a future is polled again at once; then others have their turn.
const ROUNDS: usize = 16;

/// Who is woken instead of the task.
#[derive(Debug, Default)]
struct Inner {
    state: AtomicU8,
    task: AtomicWaker,
}

impl Wake for Inner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Whoever polls it just now looks at the state afterwards; else it is its task that has to.
        let seen = self.state.compare_exchange(POLLED, WOKEN, Ordering::AcqRel, Ordering::Acquire);
        if seen == Err(RESTING) {
            self.task.wake();
        }
    }
}

/// The same future, polled again at once when it was woken while it was polled.
pub async fn settled<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let inner = Arc::<Inner>::default();
    let waker = Waker::from(Arc::clone(&inner));
    poll_fn(move |cx| {
        inner.task.register(cx.waker());
        for _ in 0..ROUNDS {
            inner.state.store(POLLED, Ordering::Release);
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(output);
            }
            let seen = inner.state.compare_exchange(POLLED, RESTING, Ordering::AcqRel, Ordering::Acquire);
            if seen.is_ok() {
                return Poll::Pending;
            }
        }
        inner.state.store(RESTING, Ordering::Release);
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::FutureExt;
    use futures_util::task::noop_waker_ref;

    use super::*;

    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Wakes itself so many times, one poll after the other.
    fn restless(mut times: usize) -> impl Future<Output = ()> {
        poll_fn(move |cx| {
            if times == 0 {
                return Poll::Ready(());
            }
            times -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    #[test]
    fn what_wakes_itself_is_polled_again_without_a_wake() {
        let counted = Arc::<Counted>::default();
        let waker = Waker::from(Arc::clone(&counted));
        let mut future = pin!(settled(restless(ROUNDS - 1)));
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
        assert_eq!(counted.0.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn what_never_rests_lets_others_have_their_turn() {
        let counted = Arc::<Counted>::default();
        let waker = Waker::from(Arc::clone(&counted));
        let mut future = pin!(settled(restless(ROUNDS + 1)));
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(counted.0.load(Ordering::SeqCst), 1);
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    }

    #[test]
    fn a_wake_from_elsewhere_reaches_the_newest_task() {
        let (give, take) = tokio::sync::oneshot::channel();
        let mut future = Box::pin(settled(take));
        assert!(future.as_mut().poll(&mut Context::from_waker(noop_waker_ref())).is_pending());
        let counted = Arc::<Counted>::default();
        let waker = Waker::from(Arc::clone(&counted));
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        give.send(1).unwrap();
        assert_eq!(counted.0.load(Ordering::SeqCst), 1);
        assert_eq!(future.now_or_never().unwrap().unwrap(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_wake_is_lost_between_threads() {
        let (give, mut take) = tokio::sync::mpsc::channel(1);
        let (tell, told) = tokio::sync::oneshot::channel();
        crate::Tasks::new().spawn(
            "reader",
            settled(async move {
                let mut sum = 0;
                while let Some(value) = take.recv().await {
                    sum += value;
                }
                tell.send(sum).unwrap();
            }),
        );
        for value in 0..20_000_u64 {
            give.send(value).await.unwrap();
        }
        drop(give);
        assert_eq!(told.await.unwrap(), 20_000 * 19_999 / 2);
    }
}
