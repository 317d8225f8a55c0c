//! Timers whose transactions conflict with others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use updraft_kernel::{BoxFuture, Clock, UnixMillis};
use updraft_store::{KeyBuilder, Store, StoreExt, Tx, tags};
use updraft_timers::{FireError, Timer, TimerOwner, Timers};

use crate::support::{SECOND, at, count, schedule, store, wheel};

/// Somebody changes what it has read, each time before it can commit.
#[derive(Debug)]
struct Contended {
    store: Arc<dyn Store>,
    tries: AtomicU32,
    /// Conflicts until then.
    calm_after: u32,
}

impl TimerOwner for Contended {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            tx.raw().get(&hot()).await?;
            if self.tries.fetch_add(1, Ordering::SeqCst) < self.calm_after {
                let mut other = self.store.write().await?;
                other.raw().put(hot(), Bytes::from_static(b"changed"));
                other.commit().await?;
            }
            tx.raw().add_i64(KeyBuilder::new(tags::TEST).str(&timer.id).build(), 1);
            Ok(())
        })
    }
}

fn hot() -> Bytes {
    KeyBuilder::new(tags::TEST).str("hot").str("row").build()
}

fn contended(store: &Arc<dyn Store>, timers: &Timers, calm_after: u32) -> Arc<Contended> {
    let owner = Arc::new(Contended { store: Arc::clone(store), tries: AtomicU32::new(0), calm_after });
    timers.register("contended", Arc::clone(&owner) as Arc<dyn TimerOwner>);
    owner
}

#[tokio::test]
async fn a_timer_that_always_conflicts_is_left_alone_by_the_others_and_put_off() {
    let store = store();
    let (timers, clock, _) = wheel(&store);
    let owner = contended(&store, &timers, u32::MAX);
    for n in 0..500 {
        schedule(&store, &timers, at(&format!("t{n}"), clock.now(), "")).await;
    }
    let mut hot = at("hot", clock.now(), "");
    hot.owner = "contended";
    schedule(&store, &timers, hot).await;

    assert_eq!(timers.run_due().await.unwrap(), 500);
    for n in 0..500 {
        assert_eq!(count(&store, &format!("t{n}")).await, 1, "t{n}");
    }
    let tries = owner.tries.load(Ordering::SeqCst);
    assert!(tries <= 64, "{tries}: it is halved away, and then tried a while");
    assert_eq!(timers.next_due().await.unwrap(), Some(clock.now().plus(SECOND)));
}

#[tokio::test]
async fn a_conflict_that_passes_costs_no_delay() {
    let store = store();
    let (timers, clock, _) = wheel(&store);
    contended(&store, &timers, 10);
    let mut hot = at("hot", clock.now(), "");
    hot.owner = "contended";
    schedule(&store, &timers, hot).await;
    assert_eq!(timers.run_due().await.unwrap(), 1);
    assert_eq!(count(&store, "hot").await, 1);
    assert_eq!(timers.next_due().await.unwrap(), None);
}
