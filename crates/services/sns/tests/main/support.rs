//! Topics under test.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{
    CreateTopicInput, MessageAttributeValue, PublishInput, SetSubscriptionAttributesInput, SubscribeInput,
};
use updraft_delivery::Outbox;
use updraft_kernel::error::code;
use updraft_kernel::ports::{
    FunctionPort, InvokeOutcome, InvokeRequest, LogBatch, LogPage, LogQuery, LogsPort, MetricBatch, MetricsPort,
    QueueMessage, QueuePort, SecretsPort, Sender, WebFailure, WebPort, WebRequest, WebResponse,
};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, ErrorCode, Tasks};
use updraft_nodes::Nodes;
use updraft_sns::{Parts, Sns};
use updraft_store::{KeyBuilder, ScanOptions, StoreExt, tags};
use updraft_testkit::World;
use updraft_timers::{Settles, Timers};

static GONE: ErrorCode = ErrorCode::sender("QueueDoesNotExist", 400);

/// What everything else got.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    /// By the queue's name.
    pub(crate) queues: Mutex<BTreeMap<String, Vec<QueueMessage>>>,
    pub(crate) functions: Mutex<Vec<(Arn, serde_json::Value)>>,
    pub(crate) metrics: Mutex<Vec<MetricBatch>>,
    pub(crate) logs: Mutex<Vec<LogBatch>>,
    /// How often a queue refuses for now before it takes something.
    pub(crate) busy: Mutex<BTreeMap<String, u32>>,
    pub(crate) gone: Mutex<Vec<String>>,
    /// How often it was sent to.
    pub(crate) sends: Mutex<BTreeMap<String, usize>>,
    pub(crate) posts: Mutex<Vec<WebRequest>>,
    /// With what the next posts are answered, the last first; 0: not at all.
    pub(crate) answers: Mutex<Vec<u16>>,
    secrets: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl QueuePort for Outside {
    fn send<'a>(
        &'a self,
        queue: &'a Arn,
        _: &'a Sender,
        messages: Vec<QueueMessage>,
    ) -> BoxFuture<'a, Result<Vec<Result<(), AwsError>>, AwsError>> {
        Box::pin(async move {
            if self.gone.lock().contains(&queue.resource) {
                return Err(AwsError::new(&GONE, "The specified queue does not exist."));
            }
            if let Some(left) = self.busy.lock().get_mut(&queue.resource).filter(|left| **left > 0) {
                *left -= 1;
                return Err(AwsError::new(&code::SERVICE_UNAVAILABLE, "later"));
            }
            // Others come meanwhile.
            for _turn in 0..10 {
                tokio::task::yield_now().await;
            }
            *self.sends.lock().entry(queue.resource.clone()).or_default() += 1;
            let taken = messages.iter().map(|_| Ok(())).collect();
            self.queues.lock().entry(queue.resource.clone()).or_default().extend(messages);
            Ok(taken)
        })
    }
}

impl FunctionPort for Outside {
    fn invoke<'a>(&'a self, _: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        Box::pin(async move {
            let event = serde_json::from_slice(&request.payload).unwrap();
            self.functions.lock().push((request.function, event));
            Ok(InvokeOutcome {
                status: 202,
                payload: bytes::Bytes::new(),
                function_error: None,
                log_tail: None,
                executed_version: String::new(),
            })
        })
    }
}

impl WebPort for Outside {
    fn send(&self, request: WebRequest) -> BoxFuture<'_, Result<WebResponse, WebFailure>> {
        Box::pin(async move {
            let status = self.answers.lock().pop().unwrap_or(200);
            self.posts.lock().push(request);
            if status == 0 {
                return Err(WebFailure::TooSlow);
            }
            Ok(WebResponse { status, headers: http::HeaderMap::new(), body: bytes::Bytes::new() })
        })
    }
}

impl SecretsPort for Outside {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>> {
        Box::pin(async move { Ok(self.secrets.lock().get(name).cloned()) })
    }

    fn keep<'a>(&'a self, name: &'a str, fresh: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>> {
        Box::pin(async move { Ok(self.secrets.lock().entry(name.to_owned()).or_insert(fresh).clone()) })
    }

    fn forget<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move {
            self.secrets.lock().remove(name);
            Ok(())
        })
    }
}

impl MetricsPort for Outside {
    fn record(&self, batch: MetricBatch) {
        self.metrics.lock().push(batch);
    }
}

impl LogsPort for Outside {
    fn append(&self, batch: LogBatch) {
        self.logs.lock().push(batch);
    }
    fn read<'a>(&'a self, _: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        Box::pin(std::future::ready(Ok(LogPage::default())))
    }
}

pub(crate) struct Cloud {
    pub(crate) world: World,
    pub(crate) sns: Arc<Sns>,
    pub(crate) outside: Arc<Outside>,
    pub(crate) timers: Timers,
    outbox: Outbox,
    _tasks: Tasks,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        Self::asking(false)
    }

    /// Where services need statements.
    pub(crate) fn strict() -> Self {
        Self::asking(true)
    }

    fn asking(strict: bool) -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let (store, nodes, tasks) = (Arc::clone(&world.store), Nodes::alone(), Tasks::new());
        let timers = Timers::new(Arc::clone(&store), world.clock(), &nodes);
        let (clock, rng) = (world.clock(), Arc::clone(&world.rng));
        let outbox = Outbox::new(Arc::clone(&store), clock, rng, timers.clone(), &nodes);
        let outside = Arc::new(Outside::default());
        let sns = Sns::new(Parts {
            store,
            clock: world.clock(),
            rng: Arc::clone(&world.rng),
            metrics: outside.clone(),
            logs: outside.clone(),
            outbox: outbox.clone(),
            timers: timers.clone(),
            strict,
            queues: outside.clone(),
            functions: outside.clone(),
            web: outside.clone(),
            secrets: outside.clone(),
            outward: Default::default(),
        });
        outbox.start(&tasks);
        Self { world, sns, outside, timers, outbox, _tasks: tasks }
    }

    /// Until nothing is left to do now.
    pub(crate) async fn settle(&self) {
        while self.outbox.settle().await || self.timers.run_due().await.unwrap() > 0 {}
    }

    /// The topic's ARN.
    pub(crate) async fn topic(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let input = CreateTopicInput { name: name.into(), attributes: Some(map(attributes)), ..Default::default() };
        let output = self.sns.create_topic(&self.world.cx(), input).await.unwrap();
        output.topic_arn.unwrap()
    }

    pub(crate) async fn subscribe(&self, topic: &str, queue: &str, attributes: &[(&str, &str)]) -> String {
        self.try_subscribe(topic, "sqs", &queue_arn(queue), attributes).await.unwrap()
    }

    pub(crate) async fn try_subscribe(
        &self,
        topic: &str,
        protocol: &str,
        endpoint: &str,
        attributes: &[(&str, &str)],
    ) -> Result<String, AwsError> {
        let input = SubscribeInput {
            topic_arn: topic.into(),
            protocol: protocol.into(),
            endpoint: Some(endpoint.into()),
            attributes: Some(map(attributes)),
            return_subscription_arn: None,
        };
        Ok(self.sns.subscribe(&self.world.cx(), input).await?.subscription_arn.unwrap())
    }

    pub(crate) async fn set(&self, subscription: &str, name: &str, value: &str) -> Result<(), AwsError> {
        let input = SetSubscriptionAttributesInput {
            subscription_arn: subscription.into(),
            attribute_name: name.into(),
            attribute_value: Some(value.into()),
        };
        self.sns.set_subscription_attributes(&self.world.cx(), input).await.map(drop)
    }

    /// The message's id.
    pub(crate) async fn publish(&self, topic: &str, message: &str) -> String {
        self.try_publish(input(topic, message)).await.unwrap()
    }

    pub(crate) async fn try_publish(&self, input: PublishInput) -> Result<String, AwsError> {
        Ok(self.sns.publish(&self.world.cx(), input).await?.message_id.unwrap())
    }

    /// What a queue got, taken out of it.
    pub(crate) fn got(&self, queue: &str) -> Vec<QueueMessage> {
        self.outside.queues.lock().remove(queue).unwrap_or_default()
    }

    pub(crate) fn bodies(&self, queue: &str) -> Vec<String> {
        self.got(queue).iter().map(body).collect()
    }

    /// The sum of all values of a metric.
    pub(crate) fn measured(&self, name: &str) -> f64 {
        let batches = self.outside.metrics.lock();
        batches.iter().flat_map(|batch| &batch.metrics).filter(|one| one.name == name).map(|one| one.value).sum()
    }

    /// All rows of the service.
    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let options = ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
        tx.raw().scan(KeyBuilder::new(tags::SNS).prefix_range(), options).await.unwrap().rows.len()
    }
}

pub(crate) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

pub(crate) fn input(topic: &str, message: &str) -> PublishInput {
    PublishInput { topic_arn: Some(topic.into()), message: message.into(), ..Default::default() }
}

pub(crate) fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue { data_type: "String".into(), string_value: Some(value.into()), binary_value: None }
}

pub(crate) fn body(message: &QueueMessage) -> String {
    String::from_utf8(message.body.to_vec()).unwrap()
}

/// The envelope around a message.
pub(crate) fn envelope(message: &QueueMessage) -> serde_json::Value {
    serde_json::from_slice(&message.body).unwrap()
}

pub(crate) fn words<T: std::fmt::Debug>(result: Result<T, AwsError>) -> String {
    let error = result.unwrap_err();
    format!("{}: {}", error.code().name, error.message())
}
