//! A store that can't be used for a while.

use std::sync::Arc;

use updraft_kernel::{Clock, Tasks};
use updraft_store::Store;
use updraft_testkit::{CountedStore, wait_until};

use crate::support::{SECOND, at, schedule, store, wheel};

#[tokio::test]
async fn an_outage_is_waited_out_with_growing_pauses_and_nothing_is_lost() {
    let inner = store();
    let counted = CountedStore::new(Arc::clone(&inner));
    let store = Arc::clone(&counted) as Arc<dyn Store>;
    let (timers, clock, recorder) = wheel(&store);
    for n in 0..100 {
        schedule(&inner, &timers, at(&format!("t{n}"), clock.now(), "")).await;
    }
    counted.set_down(true);
    let tasks = Tasks::new();
    timers.start(&tasks);
    wait_until(SECOND * 10, || counted.begun() == 16).await.unwrap();
    assert!(timers.run_due().await.is_err(), "whoever asks is told");

    let before = counted.begun();
    let mut passed = 0;
    while passed < 60 {
        passed += 1;
        clock.advance(SECOND);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    let tries = counted.begun() - before;
    assert!(tries >= 16 * 5, "{tries}: it is tried again");
    assert!(tries <= 16 * 60, "{tries}: but not in a busy loop");
    assert!(recorder.ids().is_empty());

    counted.set_down(false);
    clock.advance(SECOND * 5);
    wait_until(SECOND * 20, || recorder.ids().len() == 100).await.unwrap();
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0);
}
