//! Shards that are read in order: a stream in memory, a function with a script, and manual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;
use updraft_kernel::ports::{FunctionPort, GivenUp, Mapping, MappingsPort, StartingPosition, StreamReading};
use updraft_kernel::{AwsError, BoxFuture, Clock, SeededRng, Tasks, UnixMillis};
use updraft_nodes::Nodes;
use updraft_polling::{Parts, Pollers, Read, Stream, StreamRecord};
use updraft_store::{Store, StoreExt, Topic, Watch};
use updraft_testkit::{ManualClock, wait_until};
use updraft_timers::Settles;

use crate::support::{Counted, Function, Plan, SECOND};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);

/// Records, and how far it was dealt with.
#[derive(Clone, Debug, Default)]
struct Shard {
    records: Vec<(u32, UnixMillis)>,
    kept: u128,
}

#[derive(Debug)]
struct Shards {
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    shards: Mutex<Vec<Shard>>,
    reads: Mutex<usize>,
}

fn topic(shard: usize) -> Topic {
    Topic::of(&[b"shard", &shard.to_be_bytes()])
}

impl Shards {
    async fn put(&self, shard: usize, numbers: impl IntoIterator<Item = u32>) {
        let now = self.clock.now();
        self.shards.lock()[shard].records.extend(numbers.into_iter().map(|number| (number, now)));
        let mut tx = self.store.write().await.unwrap();
        tx.touch(topic(shard));
        tx.commit().await.unwrap();
    }

    fn kept(&self, shard: usize) -> u128 {
        self.shards.lock()[shard].kept
    }
}

#[derive(Clone, Debug)]
struct Fake(Arc<Shards>);

impl Stream for Fake {
    fn shards(&self) -> usize {
        self.0.shards.lock().len()
    }

    fn name(&self, shard: usize) -> String {
        format!("shard-{shard}")
    }

    fn retention(&self) -> Duration {
        DAY
    }

    fn position(&self, shard: usize) -> BoxFuture<'_, Result<u128, AwsError>> {
        Box::pin(async move { Ok(self.0.kept(shard)) })
    }

    fn keep(&self, shard: usize, position: u128) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let mut shards = self.0.shards.lock();
            assert!(shards[shard].kept < position, "a position only grows");
            shards[shard].kept = position;
            Ok(())
        })
    }

    fn read(&self, shard: usize, from: u128, most: usize) -> BoxFuture<'_, Result<Read, AwsError>> {
        Box::pin(async move {
            *self.0.reads.lock() += 1;
            let shards = self.0.shards.lock();
            let numbered = (0_u128..).zip(&shards[shard].records).filter(|(place, _)| *place >= from).take(most);
            let records: Vec<_> = numbered
                .map(|(place, (number, at))| StreamRecord {
                    place,
                    sequence: place.to_string(),
                    at: *at,
                    item: u64::from(number % 10),
                    event: json!({ "n": number }),
                })
                .collect();
            let next = records.last().map_or(from, |last| last.place + 1);
            Ok(Read { records, next })
        })
    }

    fn watch(&self, shard: usize) -> Watch {
        self.0.store.watch(topic(shard))
    }
}

#[derive(Debug, Default)]
struct Told {
    results: Mutex<Vec<String>>,
    given_up: Mutex<Vec<GivenUp>>,
    broken: Mutex<bool>,
}

impl MappingsPort for Told {
    fn processed<'a>(&'a self, _: &'a Mapping, result: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        self.results.lock().push(result.to_owned());
        Box::pin(std::future::ready(Ok(())))
    }

    fn given_up<'a>(&'a self, _: &'a Mapping, what: GivenUp) -> BoxFuture<'a, Result<(), AwsError>> {
        let broken = *self.broken.lock();
        if !broken {
            self.given_up.lock().push(what);
        }
        Box::pin(std::future::ready(if broken { Err(AwsError::unavailable("broken")) } else { Ok(()) }))
    }
}

struct World {
    clock: Arc<ManualClock>,
    stream: Fake,
    function: Arc<Function>,
    told: Arc<Told>,
    pollers: Pollers,
    tasks: Tasks,
    begun: Mutex<u64>,
}

impl World {
    fn new(shards: usize) -> Self {
        let other = crate::support::World::new();
        let (clock, tasks) = (Arc::clone(&other.clock), Tasks::new());
        let function = other.function;
        let told = Arc::<Told>::default();
        let functions = Arc::clone(&function) as Arc<dyn FunctionPort>;
        let mappings = Arc::clone(&told) as Arc<dyn MappingsPort>;
        let parts = Parts {
            functions: Arc::downgrade(&functions),
            mappings: Arc::downgrade(&mappings),
            metrics: Arc::new(Counted::default()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            rng: Arc::new(SeededRng::new(1)),
            tasks: tasks.clone(),
        };
        let pollers = Pollers::new("fake", parts, &Nodes::alone());
        let stream = Fake(Arc::new(Shards {
            store: updraft_store_mem::open().unwrap(),
            clock: Arc::clone(&clock),
            shards: Mutex::new(vec![Shard::default(); shards]),
            reads: Mutex::default(),
        }));
        Self { clock, stream, function, told, pollers, tasks, begun: Mutex::new(0) }
    }

    fn begin(&self, change: impl FnOnce(&mut Mapping, &mut StreamReading)) {
        let mut reading = StreamReading {
            from: StartingPosition::TrimHorizon,
            parallel: 1,
            bisect: false,
            max_age: None,
            max_retries: None,
            tumbling: None,
            on_failure: None,
        };
        let mut mapping = crate::support::mapping();
        change(&mut mapping, &mut reading);
        *self.begun.lock() += 1;
        mapping.revision = *self.begun.lock();
        mapping.stream = Some(reading);
        self.pollers.begin_stream(&Arc::new(mapping), self.stream.clone()).unwrap();
    }

    async fn put(&self, shard: usize, numbers: impl IntoIterator<Item = u32>) {
        self.stream.0.put(shard, numbers).await;
        self.settle().await;
    }

    async fn settle(&self) {
        while self.pollers.settle().await {}
    }

    async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.settle().await;
    }

    fn calls(&self) -> Vec<Vec<u32>> {
        self.function.calls.lock().iter().map(|(_, numbers)| numbers.clone()).collect()
    }

    fn plan(&self, plans: &[Plan]) {
        self.function.plans.lock().extend(plans);
    }

    fn kept(&self) -> u128 {
        self.stream.0.kept(0)
    }

    /// What was given up: sequence numbers of the first and the last, why, and after how many calls.
    fn given_up(&self) -> Vec<(String, String, &'static str, u32)> {
        let told = self.told.given_up.lock();
        told.iter().map(|what| (what.first.0.clone(), what.last.0.clone(), what.condition, what.invoked)).collect()
    }

    async fn until(&self, holds: impl FnMut() -> bool) {
        wait_until(SOON, holds).await.unwrap();
    }
}

#[tokio::test]
async fn a_shard_is_handed_over_in_order_and_in_batches() {
    let world = World::new(1);
    world.stream.0.put(0, 0..7).await;
    world.begin(|mapping, _| mapping.batch = 3);
    world.settle().await;
    assert_eq!(world.calls(), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
    assert_eq!(world.kept(), 7);
    world.put(0, [7]).await;
    assert_eq!((world.calls().len(), world.kept()), (4, 8));
}

#[tokio::test]
async fn nobody_reads_while_nothing_comes() {
    let world = World::new(1);
    world.begin(|_, _| {});
    world.settle().await;
    let before = *world.stream.0.reads.lock();
    world.advance(60 * MINUTE).await;
    // Each move of the clock asks everybody once or twice.
    assert!(*world.stream.0.reads.lock() - before <= 4);
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_window_gathers_and_a_full_batch_does_not_wait() {
    let world = World::new(1);
    world.begin(|mapping, _| (mapping.batch, mapping.window) = (3, 5 * SECOND));
    world.put(0, [0, 1]).await;
    world.advance(5 * SECOND - Duration::from_millis(1)).await;
    assert!(world.calls().is_empty(), "a millisecond early");
    world.advance(Duration::from_millis(1)).await;
    assert_eq!(world.calls(), [vec![0, 1]]);
    world.put(0, [2, 3, 4, 5]).await;
    assert_eq!(world.calls()[1..], [vec![2, 3, 4]]);
}

#[tokio::test]
async fn a_batch_that_fails_blocks_its_shard_and_no_other() {
    let world = World::new(2);
    world.begin(|_, _| {});
    world.plan(&[Plan::Fail, Plan::Fail]);
    world.put(0, [0]).await;
    world.advance(500 * Duration::from_millis(1)).await;
    assert_eq!((world.calls(), world.kept()), (vec![vec![0], vec![0]], 0));
    world.put(0, [1]).await;
    world.put(1, [5]).await;
    assert_eq!(world.calls()[2..], [vec![5]], "1 waits behind 0");
    world.advance(SECOND).await;
    assert_eq!(world.calls()[3..], [vec![0], vec![1]]);
    assert_eq!(world.kept(), 2);
    assert_eq!(world.told.results.lock().first().map(String::as_str), Some("PROBLEM: Function call failed"));
}

#[tokio::test]
async fn what_fails_too_often_is_given_up_and_told() {
    let world = World::new(1);
    world.begin(|_, reading| reading.max_retries = Some(1));
    world.plan(&[Plan::Fail, Plan::Fail]);
    *world.told.broken.lock() = true;
    world.put(0, [0, 1]).await;
    world.advance(SECOND).await;
    assert_eq!((world.calls().len(), world.kept()), (2, 0), "not told yet, so not passed over");
    *world.told.broken.lock() = false;
    world.advance(MINUTE).await;
    assert_eq!(world.given_up(), [("0".into(), "1".into(), "RetryAttemptsExhausted", 2)]);
    let told = world.told.given_up.lock();
    assert_eq!((told[0].shard.as_str(), told[0].count), ("shard-0", 2));
    assert_eq!(told[0].response, Some(("1".into(), Some("Unhandled"))));
    assert_eq!(told[0].event, r#"{"Records":[{"n":0},{"n":1}]}"#);
    assert_eq!(world.kept(), 2);
}

#[tokio::test]
async fn what_is_too_old_is_given_up_without_a_call() {
    let world = World::new(1);
    world.stream.0.put(0, [0]).await;
    world.clock.advance(MINUTE);
    world.stream.0.put(0, [1]).await;
    world.clock.advance(Duration::from_millis(1));
    world.begin(|_, reading| reading.max_age = Some(MINUTE));
    world.settle().await;
    assert_eq!(world.given_up(), [("0".into(), "0".into(), "RecordAgeExceeded", 0)]);
    assert_eq!((world.calls(), world.kept()), (vec![vec![1]], 2));
}

#[tokio::test]
async fn a_function_that_reports_is_given_the_rest_from_the_first_failure_on() {
    let world = World::new(1);
    world.begin(|mapping, _| mapping.reports_failures = true);
    world.plan(&[Plan::Answer(r#"{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]}"#)]);
    world.put(0, 0..4).await;
    assert_eq!(world.kept(), 2);
    world.advance(SECOND).await;
    assert_eq!((world.calls(), world.kept()), (vec![vec![0, 1, 2, 3], vec![2, 3]], 4));
}

#[tokio::test]
async fn a_bad_record_is_found_by_halving() {
    let world = World::new(1);
    world.begin(|_, reading| (reading.bisect, reading.max_retries) = (true, Some(0)));
    // 0..4, then 0 and 1, then 2 and 3, then 2, then 3.
    world.plan(&[Plan::Fail, Plan::Answer("null"), Plan::Fail, Plan::Answer("null"), Plan::Fail]);
    world.put(0, 0..4).await;
    assert_eq!(world.calls(), [vec![0, 1, 2, 3], vec![0, 1], vec![2, 3], vec![2], vec![3]]);
    assert_eq!(world.given_up(), [("3".into(), "3".into(), "RetryAttemptsExhausted", 1)]);
    assert_eq!(world.kept(), 4);
}

#[tokio::test]
async fn items_stay_in_order_where_several_batches_are_at_work() {
    let world = World::new(1);
    *world.function.held.lock() = true;
    world.begin(|mapping, reading| (mapping.batch, reading.parallel) = (1, 3));
    // Numbers with the same last digit are of one item.
    world.stream.0.put(0, [0, 1, 2, 10, 11]).await;
    world.until(|| world.calls().len() == 3).await;
    assert_eq!(world.function.running.load(std::sync::atomic::Ordering::SeqCst), 3);
    *world.function.held.lock() = false;
    world.function.gate.add_permits(3);
    world.settle().await;
    let mut by_item: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for number in world.calls().concat() {
        by_item.entry(number % 10).or_default().push(number);
    }
    assert_eq!(by_item, BTreeMap::from([(0, vec![0, 10]), (1, vec![1, 11]), (2, vec![2])]));
    assert_eq!(world.kept(), 5);
}

#[tokio::test]
async fn what_the_function_is_not_to_get_is_passed_over() {
    let world = World::new(1);
    world.begin(|mapping, _| mapping.filters = vec![r#"{"n":[{"numeric":[">",1]}]}"#.into()]);
    world.put(0, 0..4).await;
    assert_eq!((world.calls(), world.kept()), (vec![vec![2, 3]], 4));
    world.put(0, [0]).await;
    assert_eq!((world.calls().len(), world.kept()), (1, 5));
}

#[tokio::test]
async fn a_changed_mapping_waits_for_the_call_that_is_under_way_and_goes_on_behind_it() {
    let world = World::new(1);
    *world.function.held.lock() = true;
    world.begin(|mapping, _| mapping.batch = 2);
    world.stream.0.put(0, 0..3).await;
    world.until(|| world.calls().len() == 1).await;
    world.begin(|mapping, _| mapping.batch = 10);
    *world.function.held.lock() = false;
    world.function.gate.add_permits(1);
    world.until(|| world.kept() == 3).await;
    assert_eq!(world.calls(), [vec![0, 1], vec![2]]);
}

#[tokio::test]
async fn a_platform_that_stops_leaves_what_fails_for_the_next_start() {
    let world = World::new(1);
    world.begin(|mapping, _| mapping.batch = 1);
    world.plan(&[Plan::Answer("null"), Plan::Fail]);
    world.put(0, [0, 1]).await;
    world.tasks.stop().await;
    assert_eq!((world.calls(), world.kept()), (vec![vec![0], vec![1]], 1));
}

#[tokio::test]
async fn a_function_without_room_is_called_again_and_nothing_is_counted_against_the_batch() {
    let world = World::new(1);
    world.begin(|_, reading| reading.max_retries = Some(0));
    world.plan(&[Plan::Throttle, Plan::Throttle]);
    world.put(0, [0]).await;
    world.advance(MINUTE).await;
    world.advance(MINUTE).await;
    assert_eq!((world.calls().len(), world.kept()), (3, 1));
    assert!(world.given_up().is_empty());
}
