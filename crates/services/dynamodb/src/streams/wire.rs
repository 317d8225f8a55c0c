//! Records as clients get them, and as functions do.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};
use updraft_api_dynamodbstreams::types::{
    AttributeValue as Wire, Identity, OperationType, Record, StreamRecord, StreamViewType,
};
use updraft_expr::dynamodb::{AttributeValue, Item, Number};
use updraft_kernel::{AwsError, UnixMillis};

use super::read::Found;
use crate::model::codec;
use crate::model::stream::{StreamRow, event_id};
use crate::model::value::item_to_json;

const EVENT_VERSION: &str = "1.1";
const EVENT_SOURCE: &str = "aws:dynamodb";
/// Who deletes what has expired.
const ITSELF: &str = "dynamodb.amazonaws.com";

/// The items of a record.
struct Items {
    keys: Item,
    new: Option<Item>,
    old: Option<Item>,
}

impl Items {
    fn of(found: &Found) -> Result<Self, AwsError> {
        let item = |bytes: &Vec<u8>| {
            let item = codec::decode(&Bytes::copy_from_slice(bytes));
            item.ok_or_else(|| AwsError::internal("a stream's record has an item that can't be read"))
        };
        let record = &found.record;
        Ok(Self {
            keys: item(&record.keys)?,
            new: record.new.as_ref().map(item).transpose()?,
            old: record.old.as_ref().map(item).transpose()?,
        })
    }
}

/// AWS: to the second.
fn seconds(at: UnixMillis) -> i64 {
    at.0.div_euclid(1000)
}

pub(crate) fn record(found: &Found, stream: &StreamRow, shard: u8, region: &str) -> Result<Record, AwsError> {
    let items = Items::of(found)?;
    let identity = || Identity { principal_id: Some(ITSELF.to_owned()), r#type: Some("Service".to_owned()) };
    Ok(Record {
        event_id: Some(event_id(stream.id, shard, found.place)),
        event_name: Some(OperationType::from(found.record.event.name().to_owned())),
        event_version: Some(EVENT_VERSION.to_owned()),
        event_source: Some(EVENT_SOURCE.to_owned()),
        aws_region: Some(region.to_owned()),
        dynamodb: Some(StreamRecord {
            approximate_creation_date_time: Some(UnixMillis(seconds(found.record.at) * 1000)),
            keys: Some(wire_item(&items.keys)),
            new_image: items.new.as_ref().map(wire_item),
            old_image: items.old.as_ref().map(wire_item),
            sequence_number: Some(found.place.sequence()),
            size_bytes: i64::try_from(found.record.bytes).ok(),
            stream_view_type: Some(StreamViewType::from(stream.view.clone())),
        }),
        user_identity: found.record.expired.then(identity),
    })
}

/// Recorded: `test_dynamodb_event_filter`. AWS: functions are told the principal in lower case.
pub(crate) fn event(
    found: &Found,
    stream: &StreamRow,
    (shard, region, arn): (u8, &str, &str),
) -> Result<Value, AwsError> {
    let items = Items::of(found)?;
    let mut change = json!({
        "ApproximateCreationDateTime": seconds(found.record.at),
        "Keys": item_to_json(&items.keys),
        "SequenceNumber": found.place.sequence(),
        "SizeBytes": found.record.bytes,
        "StreamViewType": stream.view,
    });
    for (name, image) in [("NewImage", &items.new), ("OldImage", &items.old)] {
        if let (Some(image), Some(change)) = (image, change.as_object_mut()) {
            change.insert(name.to_owned(), item_to_json(image));
        }
    }
    let mut event = json!({
        "eventID": event_id(stream.id, shard, found.place),
        "eventName": found.record.event.name(),
        "eventVersion": EVENT_VERSION,
        "eventSource": EVENT_SOURCE,
        "awsRegion": region,
        "dynamodb": change,
        "eventSourceARN": arn,
    });
    if let Some(event) = event.as_object_mut().filter(|_| found.record.expired) {
        event.insert("userIdentity".to_owned(), json!({ "principalId": ITSELF, "type": "Service" }));
    }
    Ok(event)
}

fn wire_item(item: &Item) -> BTreeMap<String, Wire> {
    item.iter().map(|(name, value)| (name.clone(), wire(value))).collect()
}

fn wire(value: &AttributeValue) -> Wire {
    let mut out = Wire::default();
    match value {
        AttributeValue::S(s) => out.s = Some(s.clone()),
        AttributeValue::N(n) => out.n = Some(n.to_string()),
        AttributeValue::B(b) => out.b = Some(b.clone()),
        AttributeValue::Bool(b) => out.bool = Some(*b),
        AttributeValue::Null => out.null = Some(true),
        AttributeValue::Ss(set) => out.ss = Some(set.clone()),
        AttributeValue::Ns(set) => out.ns = Some(set.iter().map(Number::to_string).collect()),
        AttributeValue::Bs(set) => out.bs = Some(set.clone()),
        AttributeValue::L(list) => out.l = Some(list.iter().map(wire).collect()),
        AttributeValue::M(map) => out.m = Some(wire_item(map)),
    }
    out
}
