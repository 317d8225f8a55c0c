//! An owner that remembers, and how to schedule for it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use updraft_kernel::{BoxFuture, Clock, UnixMillis};
use updraft_nodes::Nodes;
use updraft_store::{KeyBuilder, Store, StoreExt, Tx, tags};
use updraft_testkit::ManualClock;
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

pub(crate) const OWNER: &str = "test";

/// Counts firings in the store, and notes who fired when. A payload of `fail`, `panic` or `every:MILLIS` does that.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) fired: Mutex<Vec<(String, UnixMillis)>>,
    timers: Mutex<Option<Timers>>,
}

impl Recorder {
    pub(crate) fn on(timers: &Timers) -> Arc<Self> {
        let recorder = Arc::new(Self::default());
        *recorder.timers.lock() = Some(timers.clone());
        timers.register(OWNER, Arc::clone(&recorder) as Arc<dyn TimerOwner>);
        recorder
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.fired.lock().iter().map(|(id, _)| id.clone()).collect()
    }
}

impl TimerOwner for Recorder {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let payload = String::from_utf8_lossy(&timer.payload).into_owned();
            match payload.split_once(':') {
                Some(("every", span)) => {
                    let timers = self.timers.lock().clone().unwrap();
                    let due = timer.due.plus(Duration::from_millis(span.parse().unwrap()));
                    timers.schedule(tx, at(&timer.id, due, &payload)).await?;
                }
                _ if payload == "fail" => return Err(FireError::Other("on purpose".into())),
                _ if payload == "panic" => panic!("on purpose"),
                _ => {}
            }
            tx.raw().add_i64(counter(&timer.id), 1);
            self.fired.lock().push((timer.id.clone(), now));
            Ok(())
        })
    }
}

fn counter(id: &str) -> Bytes {
    KeyBuilder::new(tags::TEST).str(id).build()
}

/// How often the timer's effect was committed.
pub(crate) async fn count(store: &Arc<dyn Store>, id: &str) -> i64 {
    let value = store.read().await.unwrap().raw().get(&counter(id)).await.unwrap();
    value.map_or(0, |bytes| i64::from_le_bytes(bytes[..].try_into().unwrap()))
}

pub(crate) fn at(id: &str, due: UnixMillis, payload: &str) -> Schedule {
    Schedule { owner: OWNER, id: id.to_owned(), due, payload: payload.as_bytes().to_vec() }
}

/// Schedules in a transaction of its own.
pub(crate) async fn schedule(store: &Arc<dyn Store>, timers: &Timers, what: Schedule) {
    let mut tx = store.write().await.unwrap();
    timers.schedule(&mut tx, what).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn store() -> Arc<dyn Store> {
    updraft_store_mem::open().unwrap()
}

/// A wheel, its clock and an owner.
pub(crate) fn wheel(store: &Arc<dyn Store>) -> (Timers, Arc<ManualClock>, Arc<Recorder>) {
    let clock = Arc::new(ManualClock::default());
    let timers = Timers::new(Arc::clone(store), Arc::clone(&clock) as Arc<dyn Clock>, &Nodes::alone());
    let recorder = Recorder::on(&timers);
    (timers, clock, recorder)
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
