//! Moving time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use parking_lot::Mutex;
use updraft_kernel::{BoxFuture, Clock, Tasks, UnixMillis, VirtualClock};
use updraft_nodes::Nodes;
use updraft_store::Store;
use updraft_timers::{ClockControl, Settles, Timers, load_clock};

use crate::support::{Recorder, SECOND, at, schedule, store};

const DAY: Duration = Duration::from_secs(86_400);

struct Platform {
    store: Arc<dyn Store>,
    clock: Arc<VirtualClock>,
    timers: Timers,
    recorder: Arc<Recorder>,
    control: ClockControl,
    tasks: Tasks,
}

/// As the binary puts it together at its start.
async fn start(store: &Arc<dyn Store>) -> Platform {
    let clock = Arc::new(load_clock(&**store).await.unwrap());
    let timers = Timers::new(Arc::clone(store), Arc::clone(&clock) as Arc<dyn Clock>, &Nodes::alone());
    let recorder = Recorder::on(&timers);
    let tasks = Tasks::new();
    let control = ClockControl::new(Arc::clone(store), Arc::clone(&clock), timers.clone(), tasks.clone());
    Platform { store: Arc::clone(store), clock, timers, recorder, control, tasks }
}

#[tokio::test]
async fn a_month_of_schedules_runs_in_order_at_the_right_moments() {
    let world = start(&store()).await;
    world.timers.start(&world.tasks);
    let t0 = world.clock.now();
    schedule(&world.store, &world.timers, at("hourly", t0.plus(DAY / 24), &format!("every:{}", DAY.as_millis() / 24)))
        .await;
    schedule(&world.store, &world.timers, at("daily", t0.plus(DAY), &format!("every:{}", DAY.as_millis()))).await;

    let after = world.control.advance(DAY * 30).await.unwrap();
    world.tasks.stop().await;
    let fired = world.recorder.fired.lock().clone();
    assert_eq!(fired.iter().filter(|(id, _)| id == "daily").count(), 30);
    assert_eq!(fired.iter().filter(|(id, _)| id == "hourly").count(), 720);
    assert!(fired.windows(2).all(|pair| pair[0].1 <= pair[1].1), "in order");
    let daily: Vec<_> = fired.iter().filter(|(id, _)| id == "daily").map(|(_, at)| *at).collect();
    assert!((1..=30).zip(&daily).all(|(n, at)| *at == t0.plus(DAY * n)), "each at its very moment");
    assert!(after.now >= t0.plus(DAY * 30) && after.now < t0.plus(DAY * 30 + SECOND * 60));
}

#[tokio::test]
async fn a_moved_clock_survives_a_restart() {
    let store = store();
    let before = start(&store).await.control.advance(DAY * 3).await.unwrap();
    let world = start(&store).await;
    assert_eq!(world.control.get().offset_millis, before.offset_millis);
    assert!(world.clock.now() >= before.now);
}

#[tokio::test]
async fn reset_goes_back_to_real_time_and_later_timers_stay() {
    let world = start(&store()).await;
    world.control.advance(DAY).await.unwrap();
    let due = world.clock.now().plus(DAY);
    schedule(&world.store, &world.timers, at("later", due, "")).await;
    let state = world.control.reset().await.unwrap();
    assert!(state.offset_millis.abs() < 1_000, "{state:?}");
    assert_eq!(world.timers.next_due().await.unwrap(), Some(due));
    let set = world.control.set(due).await.unwrap();
    assert!(set.now >= due);
    assert_eq!(world.recorder.ids(), ["later"]);
}

#[tokio::test]
async fn what_is_scheduled_after_going_back_is_found() {
    let world = start(&store()).await;
    world.control.advance(DAY).await.unwrap();
    world.control.set(UnixMillis(1_000_000)).await.unwrap();
    schedule(&world.store, &world.timers, at("early", UnixMillis(2_000_000), "")).await;
    world.control.set(UnixMillis(2_000_000)).await.unwrap();
    assert_eq!(world.recorder.ids(), ["early"]);
}

#[tokio::test]
async fn two_advances_are_one_behind_the_other() {
    let world = start(&store()).await;
    let t0 = world.clock.now();
    for n in 1..=20 {
        schedule(&world.store, &world.timers, at(&format!("t{n:02}"), t0.plus(DAY / 10 * n), "")).await;
    }
    let (a, b) = tokio::join!(world.control.advance(DAY), world.control.advance(DAY));
    assert!(a.unwrap().now.max(b.unwrap().now) >= t0.plus(DAY * 2));
    let ids = world.recorder.ids();
    assert_eq!(ids.len(), 20);
    assert!(ids.is_sorted());
}

#[tokio::test]
async fn an_abandoned_advance_goes_on_to_its_end() {
    let world = start(&store()).await;
    let t0 = world.clock.now();
    schedule(&world.store, &world.timers, at("last", t0.plus(DAY), "")).await;
    assert!(world.control.advance(DAY).now_or_never().is_none(), "asked once and dropped");
    updraft_testkit::wait_until(SECOND * 10, || world.clock.now() >= t0.plus(DAY)).await.unwrap();
    assert_eq!(world.recorder.ids(), ["last"]);
    let now = world.control.advance(Duration::ZERO).await.unwrap().now;
    assert!(start(&world.store).await.clock.now() >= now, "and is remembered");
}

#[tokio::test]
async fn a_shutdown_stops_an_advance_where_it_stands() {
    let world = start(&store()).await;
    let t0 = world.clock.now();
    schedule(&world.store, &world.timers, at("forever", t0, "every:1000")).await;
    let stop = async {
        updraft_testkit::wait_until(SECOND * 10, || world.recorder.ids().len() > 10).await.unwrap();
        world.tasks.stop().await;
    };
    let (stopped, ()) = tokio::join!(world.control.advance(DAY * 10_000), stop);
    let now = stopped.unwrap().now;
    assert!(now < t0.plus(DAY * 10_000));
    let next = start(&world.store).await;
    assert!(next.clock.now() >= now, "time doesn't go back");
    let then = next.clock.now();
    updraft_testkit::wait_until(SECOND * 10, || next.clock.now() > then).await.unwrap();
}

#[tokio::test]
async fn a_kill_within_an_advance_resumes_from_what_has_fired() {
    let store = store();
    let world = start(&store).await;
    let t0 = world.clock.now();
    schedule(&store, &world.timers, at("forever", t0, "every:86400000")).await;
    tokio::select! {
        _ = world.control.advance(DAY * 1_000_000) => panic!("it takes long, one day after the other"),
        fired = updraft_testkit::wait_until(SECOND * 10, || world.recorder.ids().len() > 10) => fired.unwrap(),
    }
    // The first platform is still at it, as far as the store can tell: its row says that it moves.
    let next = start(&store).await;
    assert!(next.clock.now() >= t0.plus(DAY * 9), "ten firings were committed by then");
    world.tasks.stop().await;
}

/// Has something to do the first three times it is asked.
#[derive(Debug, Default)]
struct Busy(AtomicUsize);

impl Settles for Busy {
    fn settle(&self) -> BoxFuture<'_, bool> {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { asked < 3 })
    }
}

#[tokio::test]
async fn an_advance_ends_when_everything_else_has_settled_too() {
    let world = start(&store()).await;
    let busy = Arc::new(Busy::default());
    world.control.settles(Arc::clone(&busy) as Arc<dyn Settles>);
    world.control.advance(SECOND).await.unwrap();
    assert!(busy.0.load(Ordering::SeqCst) > 3, "asked until it was quiet");
}

/// Works at moments of its own.
#[derive(Debug)]
struct Rhythm {
    clock: Arc<VirtualClock>,
    next: Mutex<UnixMillis>,
    worked: Mutex<Vec<UnixMillis>>,
}

impl Settles for Rhythm {
    fn settle(&self) -> BoxFuture<'_, bool> {
        let (now, mut next) = (self.clock.now(), self.next.lock());
        let due = now >= *next;
        if due {
            *next = now.plus(SECOND * 30);
            self.worked.lock().push(now);
        }
        Box::pin(std::future::ready(due))
    }

    fn next_due(&self) -> Option<UnixMillis> {
        Some(*self.next.lock())
    }
}

#[tokio::test]
async fn an_advance_stops_where_others_have_work_to_do() {
    let world = start(&store()).await;
    let first = world.clock.now().plus(SECOND * 20);
    let (next, worked) = (Mutex::new(first), Mutex::default());
    let rhythm = Arc::new(Rhythm { clock: Arc::clone(&world.clock), next, worked });
    world.control.settles(Arc::clone(&rhythm) as Arc<dyn Settles>);
    world.control.advance(SECOND * 100).await.unwrap();
    assert_eq!(*rhythm.worked.lock(), [first, first.plus(SECOND * 30), first.plus(SECOND * 60)]);
}
