//! What is said of a change, to whom, and that nothing is where the change isn't.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{CreateBucketInput, NotificationConfiguration};
use updraft_blob::MemBlobs;
use updraft_delivery::Outbox;
use updraft_kernel::ports::{EventTargetPort, EventTargets, TargetEvent};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, Tasks};
use updraft_nodes::Nodes;
use updraft_store::StoreExt;
use updraft_testkit::{MemSecrets, World};
use updraft_timers::{Settles, Timers};
use updraft_wire::{FromValue, typed};

use super::*;
use crate::{Parts, table};

#[derive(Debug, Default)]
struct Ears(Mutex<Vec<TargetEvent>>);

impl EventTargetPort for Ears {
    fn exists<'a>(&'a self, _: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(std::future::ready(Ok(true)))
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        self.0.lock().unwrap().push(event);
        Box::pin(std::future::ready(Ok(())))
    }
}

struct Cloud {
    world: World,
    s3: Arc<S3>,
    ears: Arc<Ears>,
    outbox: Outbox,
    _tasks: Tasks,
}

impl Cloud {
    /// With a bucket `abc`, of which is told as the configuration says.
    async fn telling(configuration: Value) -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let (store, nodes, tasks) = (Arc::clone(&world.store), Nodes::alone(), Tasks::new());
        let timers = Timers::new(Arc::clone(&store), world.clock(), &nodes);
        let rng = Arc::clone(&world.rng);
        let outbox = Outbox::new(Arc::clone(&store), world.clock(), Arc::clone(&rng), timers.clone(), &nodes);
        let (targets, ears) = (EventTargets::default(), Arc::new(Ears::default()));
        for service in ["sqs", "events"] {
            targets.register(service, ears.clone());
        }
        let (clock, letters) = (world.clock(), outbox.clone());
        let blobs = Arc::new(MemBlobs::new(Arc::clone(&rng), world.clock()));
        let secrets = Arc::new(MemSecrets::default());
        let s3 = S3::new(Parts { store, blobs, clock, rng, outbox: letters, timers, targets, secrets });
        outbox.start(&tasks);
        let cloud = Self { world, s3, ears, outbox, _tasks: tasks };
        let input = CreateBucketInput { bucket: "abc".into(), ..Default::default() };
        cloud.s3.create_bucket(&cloud.world.cx(), input).await.unwrap();
        let shape = &shapes::NotificationConfiguration;
        let value = typed::from_json(shape, &configuration).unwrap();
        let configuration = NotificationConfiguration::from_value(value);
        let mut tx = cloud.world.store.write().await.unwrap();
        let mut bucket = table::named(&mut tx, "abc").await.unwrap().unwrap();
        config::put(&mut tx, &mut bucket, (Kind::Notification, shape), configuration).unwrap();
        tx.commit().await.unwrap();
        cloud
    }

    async fn change(&self, cx: &Ctx, change: &Change<'_>, commits: bool) -> Vec<TargetEvent> {
        let mut tx = self.world.store.write().await.unwrap();
        let bucket = table::named(&mut tx, "abc").await.unwrap().unwrap();
        happened(&self.s3, cx, &mut tx, &bucket, change).await.unwrap();
        if commits {
            tx.commit().await.unwrap();
        }
        while self.outbox.settle().await {}
        std::mem::take(&mut *self.ears.0.lock().unwrap())
    }
}

const SEQUENCER: &str = "000000000055AED6DC";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

fn put(key: &str) -> Change<'_> {
    let what = Happening::CreatedPut;
    Change { what, key, version: None, size: Some(9), etag: Some("437b"), sequencer: 0x55ae_d6dc }
}

fn queue(events: &[&str], rules: Value) -> Value {
    let filter = json!({ "Key": { "FilterRules": rules } });
    json!({ "QueueConfigurations": [{ "Id": "id-1", "QueueArn": QUEUE, "Events": events, "Filter": filter }] })
}

fn read(event: &TargetEvent) -> Value {
    serde_json::from_slice(&event.body).unwrap()
}

#[tokio::test]
async fn a_queue_gets_the_record_of_a_change_that_commits() {
    let cloud = Cloud::telling(queue(&["s3:ObjectCreated:*"], json!([]))).await;
    let cx = Ctx { source_ip: Some([127, 0, 0, 1].into()), ..cloud.world.cx() };
    assert!(cloud.change(&cx, &put("a"), false).await.is_empty(), "what isn't committed isn't told");
    let got = cloud.change(&cx, &put("dir/a b@c"), true).await;
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].target.to_string(), QUEUE);
    assert_eq!(
        (got[0].sender.service, got[0].sender.source.to_string().as_str()),
        ("s3.amazonaws.com", "arn:aws:s3:::abc")
    );
    let owner = crate::model::owner::principal_id(&cx.account);
    let expected = json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": null,
        "eventName": "ObjectCreated:Put",
        "userIdentity": { "principalId": owner },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": cx.request_id.as_str(), "x-amz-id-2": cx.request_id.as_str() },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "id-1",
            "bucket": { "name": "abc", "ownerIdentity": { "principalId": owner }, "arn": "arn:aws:s3:::abc" },
            "object": { "key": "dir/a+b%40c", "size": 9, "eTag": "437b", "sequencer": SEQUENCER },
        },
    }] });
    let mut told = read(&got[0]);
    let time = told["Records"][0]["eventTime"].take();
    assert!(time.as_str().unwrap().ends_with('Z') && time.as_str().unwrap().len() == 24, "{time}");
    assert_eq!(told, expected);
}

#[tokio::test]
async fn only_what_was_asked_for_is_told() {
    let rules = json!([{ "Name": "Prefix", "Value": "in/" }, { "Name": "Suffix", "Value": ".jpg" }]);
    let cloud = Cloud::telling(queue(&["s3:ObjectCreated:*"], rules)).await;
    let cx = cloud.world.cx();
    assert_eq!(cloud.change(&cx, &put("in/a.jpg"), true).await.len(), 1);
    assert_eq!(cloud.change(&cx, &put("in/a.png"), true).await.len(), 0);
    assert_eq!(cloud.change(&cx, &put("a.jpg"), true).await.len(), 0);
    let deleted = Change { what: Happening::RemovedDelete, ..put("in/a.jpg") };
    assert_eq!(cloud.change(&cx, &deleted, true).await.len(), 0);
}

#[tokio::test]
async fn the_tags_of_an_object_have_neither_size_nor_sequencer() {
    let cloud = Cloud::telling(queue(&["s3:ObjectTagging:*"], json!([]))).await;
    let tagged = Change { what: Happening::TaggingPut, ..put("a") };
    let got = cloud.change(&cloud.world.cx(), &tagged, true).await;
    let record = &read(&got[0])["Records"][0];
    assert_eq!(record["eventVersion"], "2.3");
    assert_eq!(record["s3"]["object"], json!({ "key": "a", "eTag": "437b" }));
}

#[tokio::test]
async fn a_bus_gets_what_buses_get() {
    let cloud = Cloud::telling(json!({ "EventBridgeConfiguration": {} })).await;
    let cx = Ctx { source_ip: Some([127, 0, 0, 1].into()), ..cloud.world.cx() };
    let marker = Change {
        what: Happening::RemovedDeleteMarkerCreated,
        version: Some("v1"),
        size: None,
        etag: None,
        ..put("a b")
    };
    let got = cloud.change(&cx, &marker, true).await;
    assert_eq!(got[0].target.to_string(), "arn:aws:events:us-east-1:000000000000:event-bus/default");
    assert_eq!(got[0].detail_type.as_deref(), Some("Object Deleted"));
    let expected = json!({
        "version": "0",
        "bucket": { "name": "abc" },
        "object": { "key": "a b", "version-id": "v1", "sequencer": SEQUENCER },
        "request-id": cx.request_id.as_str(),
        "requester": "000000000000",
        "source-ip-address": "127.0.0.1",
        "reason": "DeleteObject",
        "deletion-type": "Delete Marker Created",
    });
    assert_eq!(read(&got[0]), expected);
}
