//! Event source mappings, over sources that are scripted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::errors::INVALID_PARAMETER_VALUE_EXCEPTION;
use updraft_api_lambda::types::{
    CreateEventSourceMappingInput, DeleteEventSourceMappingInput, DeleteFunctionInput, EventSourceMappingConfiguration,
    EventSourcePosition, Filter, FilterCriteria, GetEventSourceMappingInput, ListEventSourceMappingsInput,
    ListTagsInput, PublishVersionInput, ScalingConfig, SelfManagedEventSource, TagResourceInput, UntagResourceInput,
    UpdateEventSourceMappingInput,
};
use updraft_kernel::ports::{EventSourcePort, Mapping, MappingsPort, Source, StartingPosition};
use updraft_kernel::{AwsError, BoxFuture, Ctx, Tasks};
use updraft_store::{KeyBuilder, StoreExt, clear, tags};
use updraft_testkit::{wait_until, wait_until_async};

use crate::support::{ARN, Platform, ROLE, check, refused};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
const STREAM: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2030-01-01T00:00:00.000";
const SOON: Duration = Duration::from_secs(10);
const NOTHING: &str = "The resource you requested does not exist.";

/// Knows every source whose ARN doesn't end in `none`, and keeps what it is told.
#[derive(Debug, Default)]
pub(crate) struct Fake {
    checked: Mutex<Vec<(String, String, Duration)>>,
    polled: Mutex<BTreeMap<String, Arc<Mapping>>>,
    /// Why it can't begin.
    broken: Mutex<Option<String>>,
    /// It never comes to an end.
    stuck: Mutex<bool>,
}

impl EventSourcePort for Fake {
    fn check<'a>(&'a self, _: &'a Ctx, source: Source<'a>) -> BoxFuture<'a, Result<(), AwsError>> {
        let told = (source.arn.to_string(), source.role.to_string(), source.timeout);
        let missing = told.0.ends_with("none");
        self.checked.lock().push(told);
        let answer =
            if missing { Err(AwsError::new(&INVALID_PARAMETER_VALUE_EXCEPTION, "No such source")) } else { Ok(()) };
        Box::pin(std::future::ready(answer))
    }

    fn begin<'a>(&'a self, mapping: &'a Arc<Mapping>) -> BoxFuture<'a, Result<(), String>> {
        self.polled.lock().insert(mapping.uuid.clone(), Arc::clone(mapping));
        let answer = self.broken.lock().clone().map_or(Ok(()), Err);
        Box::pin(std::future::ready(answer))
    }

    fn stop<'a>(&'a self, uuid: &'a str) -> BoxFuture<'a, ()> {
        if *self.stuck.lock() {
            return Box::pin(std::future::pending());
        }
        self.polled.lock().remove(uuid);
        Box::pin(std::future::ready(()))
    }
}

impl Fake {
    fn polled(&self, uuid: &str) -> Option<Arc<Mapping>> {
        self.polled.lock().get(uuid).cloned()
    }
}

struct World {
    platform: Platform,
    fake: Arc<Fake>,
    tasks: Tasks,
}

impl World {
    /// With a function `f`; nothing settles yet.
    async fn still() -> Self {
        let (platform, fake) = (Platform::new(), Arc::new(Fake::default()));
        for service in ["sqs", "dynamodb", "kinesis"] {
            platform.lambda.poll_with(service, Arc::clone(&fake) as Arc<dyn EventSourcePort>);
        }
        platform.create("f").await;
        Self { platform, fake, tasks: Tasks::new() }
    }

    async fn new() -> Self {
        let world = Self::still().await;
        world.platform.lambda.start_polling(&world.tasks);
        world
    }

    async fn create(&self, input: CreateEventSourceMappingInput) -> Result<EventSourceMappingConfiguration, AwsError> {
        self.platform.lambda.create_event_source_mapping(&self.platform.cx(), input).await
    }

    async fn get(&self, uuid: &str) -> Result<EventSourceMappingConfiguration, AwsError> {
        let input = GetEventSourceMappingInput { uuid: uuid.into() };
        self.platform.lambda.get_event_source_mapping(&self.platform.cx(), input).await
    }

    async fn update(
        &self,
        uuid: &str,
        change: impl FnOnce(&mut UpdateEventSourceMappingInput),
    ) -> Result<EventSourceMappingConfiguration, AwsError> {
        let mut input = UpdateEventSourceMappingInput { uuid: uuid.into(), ..Default::default() };
        change(&mut input);
        self.platform.lambda.update_event_source_mapping(&self.platform.cx(), input).await
    }

    async fn delete(&self, uuid: &str) -> Result<EventSourceMappingConfiguration, AwsError> {
        let input = DeleteEventSourceMappingInput { uuid: uuid.into() };
        self.platform.lambda.delete_event_source_mapping(&self.platform.cx(), input).await
    }

    async fn settled(&self, uuid: &str, state: &str) -> EventSourceMappingConfiguration {
        let is = async || self.get(uuid).await.unwrap().state.as_deref() == Some(state);
        wait_until_async(SOON, is).await.unwrap();
        self.get(uuid).await.unwrap()
    }

    async fn gone(&self, uuid: &str) {
        wait_until_async(SOON, async || self.get(uuid).await.is_err()).await.unwrap();
    }

    async fn stop(self) {
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0);
        self.platform.stop().await;
    }
}

fn queue(function: &str) -> CreateEventSourceMappingInput {
    CreateEventSourceMappingInput {
        event_source_arn: Some(QUEUE.into()),
        function_name: function.into(),
        ..CreateEventSourceMappingInput::default()
    }
}

fn stream(function: &str) -> CreateEventSourceMappingInput {
    CreateEventSourceMappingInput {
        event_source_arn: Some(STREAM.into()),
        function_name: function.into(),
        starting_position: Some(EventSourcePosition::TrimHorizon),
        ..CreateEventSourceMappingInput::default()
    }
}

fn uuid(made: &EventSourceMappingConfiguration) -> String {
    made.uuid.clone().unwrap()
}

#[tokio::test]
async fn a_mapping_lives_from_creating_to_deleting() {
    let world = World::new().await;
    let made = world.create(queue("f")).await.unwrap();
    let id = uuid(&made);
    assert_eq!(
        (made.state.as_deref(), made.state_transition_reason.as_deref()),
        (Some("Creating"), Some("USER_INITIATED"))
    );
    assert_eq!(made.function_arn, Some(format!("{ARN}f")));
    assert_eq!(
        made.event_source_mapping_arn,
        Some(format!("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{id}"))
    );
    assert_eq!((made.batch_size, made.maximum_batching_window_in_seconds), (Some(10), Some(0)));
    assert_eq!((made.function_response_types.clone(), made.last_processing_result.clone()), (Some(vec![]), None));
    let enabled = world.settled(&id, "Enabled").await;
    assert_eq!(EventSourceMappingConfiguration { state: made.state.clone(), ..enabled }, made);
    assert_eq!(world.fake.polled(&id).unwrap().batch, 10);
    assert_eq!(*world.fake.checked.lock(), [(QUEUE.to_owned(), ROLE.to_owned(), Duration::from_secs(3))]);

    let disabling = world.update(&id, |input| input.enabled = Some(false)).await.unwrap();
    assert_eq!(disabling.state.as_deref(), Some("Disabling"));
    world.settled(&id, "Disabled").await;
    assert_eq!(world.fake.polled(&id), None);
    let updating = world.update(&id, |input| input.batch_size = Some(5)).await.unwrap();
    assert_eq!((updating.state.as_deref(), updating.batch_size), (Some("Updating"), Some(5)));
    world.settled(&id, "Disabled").await;
    let enabling = world.update(&id, |input| input.enabled = Some(true)).await.unwrap();
    assert_eq!(enabling.state.as_deref(), Some("Enabling"));
    world.settled(&id, "Enabled").await;
    assert_eq!(world.fake.polled(&id).unwrap().batch, 5);
    let first = world.fake.polled(&id).unwrap().revision;
    world.update(&id, |input| input.maximum_batching_window_in_seconds = Some(7)).await.unwrap();
    world.settled(&id, "Enabled").await;
    let second = world.fake.polled(&id).unwrap();
    assert_eq!((second.revision > first, second.window), (true, Duration::from_secs(7)));

    assert_eq!(world.delete(&id).await.unwrap().state.as_deref(), Some("Deleting"));
    world.gone(&id).await;
    assert_eq!(world.fake.polled(&id), None);
    for missing in [world.get(&id).await, world.delete(&id).await, world.update(&id, |_| ()).await] {
        check(missing, "ResourceNotFoundException", NOTHING);
    }
    world.create(queue("f")).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_stream_is_described_in_full_and_read_as_said() {
    let world = World::new().await;
    let filters =
        FilterCriteria { filters: Some(vec![Filter { pattern: Some(r#"{"eventName":["INSERT"]}"#.into()) }]) };
    let input = CreateEventSourceMappingInput {
        filter_criteria: Some(filters.clone()),
        maximum_retry_attempts: Some(1),
        maximum_record_age_in_seconds: Some(60),
        ..stream("f")
    };
    let made = world.create(input).await.unwrap();
    assert_eq!(made.last_processing_result.as_deref(), Some("No records processed"));
    assert_eq!(made.state_transition_reason.as_deref(), Some("User action"));
    assert_eq!(
        (made.batch_size, made.parallelization_factor, made.tumbling_window_in_seconds),
        (Some(100), Some(1), Some(0))
    );
    assert_eq!((made.filter_criteria.clone(), made.bisect_batch_on_function_error), (Some(filters), Some(false)));
    world.settled(&uuid(&made), "Enabled").await;
    let polled = world.fake.polled(&uuid(&made)).unwrap();
    let reading = polled.stream.clone().unwrap();
    assert_eq!((reading.from, reading.max_retries), (StartingPosition::TrimHorizon, Some(1)));
    assert_eq!((reading.max_age, reading.tumbling, reading.on_failure), (Some(Duration::from_secs(60)), None, None));
    assert_eq!(polled.filters, [r#"{"eventName":["INSERT"]}"#]);
    world.stop().await;
}

#[tokio::test]
async fn a_mapping_may_begin_disabled() {
    let world = World::new().await;
    let made = world.create(CreateEventSourceMappingInput { enabled: Some(false), ..queue("f") }).await.unwrap();
    assert_eq!(made.state.as_deref(), Some("Creating"));
    world.settled(&uuid(&made), "Disabled").await;
    assert_eq!(world.fake.polled(&uuid(&made)), None);
    world.stop().await;
}

#[tokio::test]
async fn what_isnt_settled_is_in_use() {
    let world = World::still().await;
    let made = world.create(queue("f")).await.unwrap();
    let in_use = |what: &str| format!("Cannot {what} the event source mapping because it is in use.");
    check(world.update(&uuid(&made), |_| ()).await, "ResourceInUseException", &in_use("update"));
    check(world.delete(&uuid(&made)).await, "ResourceInUseException", &in_use("delete"));
    world.platform.lambda.start_polling(&world.tasks);
    world.settled(&uuid(&made), "Enabled").await;
    *world.fake.stuck.lock() = true;
    world.delete(&uuid(&made)).await.unwrap();
    check(world.delete(&uuid(&made)).await, "ResourceInUseException", &in_use("delete"));
    world.stop().await;
}

#[tokio::test]
async fn one_source_has_one_mapping_to_a_function() {
    let world = World::new().await;
    let first = uuid(&world.create(queue("f")).await.unwrap());
    let end = format!("Please update or delete the existing mapping with UUID {first}");
    let text =
        format!("An event source mapping with SQS arn (\" {QUEUE} \") and function (\" f \") already exists. {end}");
    check(world.create(queue(&format!("{ARN}f"))).await, "ResourceConflictException", &text);
    let first = uuid(&world.create(stream("f")).await.unwrap());
    let end = format!("Please update or delete the existing mapping with UUID {first}");
    let text =
        format!("The event source arn (\" {STREAM} \") and function (\" f \") provided mapping already exists. {end}");
    check(world.create(stream("f")).await, "ResourceConflictException", &text);
    // A version is another function, and so is another name.
    let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    world.platform.lambda.publish_version(&world.platform.cx(), publish).await.unwrap();
    assert_eq!(world.create(queue("f:1")).await.unwrap().function_arn, Some(format!("{ARN}f:1")));
    world.platform.create("g").await;
    let other = uuid(&world.create(queue("g")).await.unwrap());
    world.settled(&other, "Enabled").await;
    let moved = world.update(&other, |input| input.function_name = Some("f".into())).await;
    assert_eq!(refused(moved).0, "ResourceConflictException");
    world.platform.create("h").await;
    let moved = world.update(&other, |input| input.function_name = Some("h".into())).await.unwrap();
    assert_eq!(moved.function_arn, Some(format!("{ARN}h")));
    world.create(queue("g")).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn what_isnt_there_is_missed() {
    let world = World::new().await;
    let missing = format!("Function not found: {ARN}none");
    check(world.create(queue("none")).await, "ResourceNotFoundException", &missing);
    let source = CreateEventSourceMappingInput { event_source_arn: Some(format!("{QUEUE}-none")), ..queue("f") };
    check(world.create(source).await, "InvalidParameterValueException", "No such source");
    let of = |arn: &str| CreateEventSourceMappingInput { event_source_arn: Some(arn.into()), ..queue("f") };
    check(world.create(of("arn:aws:s3:::b")).await, "InvalidParameterValueException", "Unrecognized event source.");
    let made = uuid(&world.create(queue("f")).await.unwrap());
    world.settled(&made, "Enabled").await;
    let moved = world.update(&made, |input| input.function_name = Some("none".into())).await;
    check(moved, "ResourceNotFoundException", &missing);
    world.stop().await;
}

#[tokio::test]
async fn a_source_that_nobody_polls_is_missed_in_awss_words() {
    let platform = Platform::new();
    platform.create("f").await;
    let create = |input| async { refused(platform.lambda.create_event_source_mapping(&platform.cx(), input).await).1 };
    assert_eq!(
        create(queue("f")).await,
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist."
    );
    assert_eq!(create(stream("f")).await, format!("Stream not found: {STREAM}"));
    let own = CreateEventSourceMappingInput {
        event_source_arn: None,
        self_managed_event_source: Some(SelfManagedEventSource::default()),
        ..stream("f")
    };
    assert!(create(own).await.ends_with("not supported by this platform yet."));
    platform.stop().await;
}

#[tokio::test]
async fn a_source_that_cannot_be_polled_says_why() {
    let world = World::new().await;
    *world.fake.broken.lock() = Some("PROBLEM: it is broken".into());
    let made = uuid(&world.create(queue("f")).await.unwrap());
    let found = world.settled(&made, "Enabled").await;
    assert_eq!(found.last_processing_result.as_deref(), Some("PROBLEM: it is broken"));
    let mapping = world.fake.polled(&made).unwrap();
    world.platform.lambda.processed(&mapping, "OK").await.unwrap();
    assert_eq!(world.get(&made).await.unwrap().last_processing_result.as_deref(), Some("OK"));
    world.stop().await;
}

#[tokio::test]
async fn what_is_enabled_is_polled_again_after_a_start() {
    let mut world = World::new().await;
    let made = uuid(&world.create(queue("f")).await.unwrap());
    world.settled(&made, "Enabled").await;
    world.tasks.stop().await;
    world.fake.polled.lock().clear();
    world.tasks = Tasks::new();
    world.platform.lambda.start_polling(&world.tasks);
    wait_until(SOON, || world.fake.polled(&made).is_some()).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn nobody_polls_for_an_account_that_was_emptied() {
    let world = World::new().await;
    let made = uuid(&world.create(queue("f")).await.unwrap());
    world.settled(&made, "Enabled").await;
    let store = &*world.platform.world.store;
    clear(store, KeyBuilder::new(tags::LAMBDA).str("000000000000").prefix_range()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    tx.touch(updraft_lambda::mappings_topic());
    tx.commit().await.unwrap();
    wait_until(SOON, || world.fake.polled(&made).is_none()).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_mapping_outlives_its_function() {
    let world = World::new().await;
    let made = uuid(&world.create(queue("f")).await.unwrap());
    let delete = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    world.platform.lambda.delete_function(&world.platform.cx(), delete).await.unwrap();
    let list = ListEventSourceMappingsInput { function_name: Some("f".into()), ..Default::default() };
    let listed = world.platform.lambda.list_event_source_mappings(&world.platform.cx(), list).await.unwrap();
    assert_eq!(listed.event_source_mappings.unwrap()[0].uuid, Some(made));
    world.stop().await;
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let world = World::new().await;
    world.platform.create("g").await;
    let mut made = BTreeSet::new();
    for input in [queue("f"), queue("g"), stream("f")] {
        made.insert(uuid(&world.create(input).await.unwrap()));
    }
    let list = |function: Option<&str>, source: Option<&str>, most, marker| {
        let input = ListEventSourceMappingsInput {
            event_source_arn: source.map(str::to_owned),
            function_name: function.map(str::to_owned),
            max_items: most,
            marker,
        };
        async {
            let page = world.platform.lambda.list_event_source_mappings(&world.platform.cx(), input).await.unwrap();
            (page.event_source_mappings.unwrap().iter().map(uuid).collect::<Vec<_>>(), page.next_marker)
        }
    };
    assert_eq!(list(None, None, None, None).await.0.into_iter().collect::<BTreeSet<_>>(), made);
    assert_eq!(list(Some("f"), None, None, None).await.0.len(), 2);
    assert_eq!(list(None, Some(QUEUE), None, None).await.0.len(), 2);
    assert_eq!(list(Some("f"), Some(STREAM), None, None).await.0.len(), 1);
    assert_eq!(list(Some("none"), None, None, None).await, (vec![], None));
    let (first, marker) = list(None, None, Some(2), None).await;
    let (second, end) = list(None, None, Some(2), marker).await;
    assert_eq!((first.len(), second.len(), end), (2, 1, None));
    assert_eq!(first.into_iter().chain(second).collect::<BTreeSet<_>>(), made);
    world.stop().await;
}

#[tokio::test]
async fn what_a_kind_of_source_doesnt_have_is_refused() {
    let world = World::new().await;
    let made = uuid(&world.create(queue("f")).await.unwrap());
    world.settled(&made, "Enabled").await;
    let wait = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    let large = CreateEventSourceMappingInput { batch_size: Some(11), ..queue("f") };
    check(world.create(large).await, "InvalidParameterValueException", wait);
    let large = world.update(&made, |input| input.batch_size = Some(11)).await;
    check(large, "InvalidParameterValueException", wait);
    let both = world.update(&made, |input| {
        (input.batch_size, input.maximum_batching_window_in_seconds) = (Some(11), Some(1));
    });
    assert_eq!(both.await.unwrap().batch_size, Some(11));
    let scaling = CreateEventSourceMappingInput { scaling_config: Some(ScalingConfig::default()), ..stream("f") };
    assert!(world.create(scaling).await.is_ok(), "what is empty asks for nothing");
    world.stop().await;
}

#[tokio::test]
async fn a_mapping_has_tags() {
    let world = World::new().await;
    let tags = Some(BTreeMap::from([("t".into(), "v".into())]));
    let made = world.create(CreateEventSourceMappingInput { tags, ..queue("f") }).await.unwrap();
    // What settles it writes, too; the gateway tries again what lost against that.
    world.settled(made.uuid.as_deref().unwrap_or_default(), "Enabled").await;
    let (lambda, cx, resource) = (&world.platform.lambda, world.platform.cx(), made.event_source_mapping_arn.unwrap());
    let tag = TagResourceInput { resource: resource.clone(), tags: BTreeMap::from([("u".into(), "w".into())]) };
    lambda.tag_resource(&cx, tag).await.unwrap();
    let untag = UntagResourceInput { resource: resource.clone(), tag_keys: vec!["t".into()] };
    lambda.untag_resource(&cx, untag).await.unwrap();
    let list = |resource: String| async { lambda.list_tags(&world.platform.cx(), ListTagsInput { resource }).await };
    assert_eq!(list(resource).await.unwrap().tags, Some(BTreeMap::from([("u".into(), "w".into())])));
    let missing = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:00000000-0000-0000-0000-000000000000";
    let text = format!("Event source mapping not found: {missing}");
    check(list(missing.into()).await, "ResourceNotFoundException", &text);
    world.stop().await;
}
