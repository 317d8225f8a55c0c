//! What lies on disks, byte by byte: may never change. A row that must change gets a new version, and its old bytes
//! stay here, to be read by `upgrade`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use updraft_kernel::ports::{AttributeContent, QueueAttribute};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Row, decode_row, encode_row};

use crate::fanout::Replay;
use crate::keys::{Count, Known, Place, Seen, Sequence, Waits};
use crate::model::archive::Archived;
use crate::model::message::Notification;
use crate::model::publication::Publication;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;

pub(crate) fn golden<R: Row + PartialEq + Debug>(row: &R, bytes: &str) {
    let encoded = encode_row(row).unwrap();
    assert_eq!(encoded.escape_ascii().to_string(), bytes);
    assert_eq!(decode_row::<R>(b"", &encoded).unwrap(), *row);
}

fn map(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

#[test]
fn golden_topics() {
    let topic = Topic {
        number: 300,
        created: UnixMillis(1),
        subscribed: 2,
        pending: 3,
        confirmed: 4,
        deleted: 5,
        attributes: map("a", "b"),
        tags: map("t", "v"),
        protection: Some("p".into()),
    };
    golden(&topic, r"\x01\xac\x02\x02\x02\x03\x04\x05\x01\x01a\x01b\x01\x01t\x01v\x01\x01p");
}

#[test]
fn golden_subscriptions() {
    let subscription = Subscription {
        protocol: "sqs".into(),
        endpoint: "e".into(),
        owner: "o".into(),
        principal: "p".into(),
        created: UnixMillis(1),
        ordinal: 2,
        confirmed: true,
        token: Some("k".into()),
        authenticated: true,
        authenticate_on_unsubscribe: false,
        attributes: map("a", "b"),
    };
    golden(&subscription, r"\x01\x03sqs\x01e\x01o\x01p\x02\x02\x01\x01\x01k\x01\x00\x01\x01a\x01b");
    let place = Place {
        account: AccountId::local(),
        region: Region::default_region(),
        topic: "t".into(),
        number: 300,
        id: "s".into(),
    };
    golden(&place, r"\x01\x0c000000000000\tus-east-1\x01t\xac\x02\x01s");
    golden(&Known("s".into()), r"\x01\x01s");
}

#[test]
fn golden_order() {
    golden(&Sequence(300), r"\x01\xac\x02");
    golden(&Seen { id: "m".into(), sequence: "1".into(), at: UnixMillis(1) }, r"\x01\x01m\x011\x02");
    golden(&Waits, r"\x01");
    golden(&Count(300), r"\x01\xac\x02");
}

#[test]
fn golden_publications() {
    let text = QueueAttribute { data_type: "String".into(), content: AttributeContent::Text("v".into()) };
    let bytes = QueueAttribute { data_type: "Binary".into(), content: AttributeContent::Binary(vec![7]) };
    let message = Notification {
        id: "m".into(),
        text: "x".into(),
        by_protocol: map("sqs", "y"),
        subject: Some("s".into()),
        attributes: [("a".to_owned(), text), ("b".to_owned(), bytes)].into(),
        group: Some("g".into()),
        deduplication: Some("d".into()),
        sequence: Some("1".into()),
    };
    let publication = Publication {
        account: AccountId::local(),
        region: Region::default_region(),
        topic: "t".into(),
        number: 300,
        subscribed: 2,
        endpoint: "e".into(),
        at: UnixMillis(1),
        trace: Some("r".into()),
        only: Some("o".into()),
        after: Some("f".into()),
        messages: vec![message],
    };
    golden(
        &publication,
        r"\x01\x0c000000000000\tus-east-1\x01t\xac\x02\x02\x01e\x02\x01\x01r\x01\x01o\x01\x01f\x01\x01m\x01x\x01\x03sqs\x01y\x01\x01s\x02\x01a\x06String\x00\x01v\x01b\x06Binary\x01\x01\x07\x01\x01g\x01\x01d\x01\x011",
    );
}

#[test]
fn golden_archives() {
    let message = Notification { id: "m".into(), text: "x".into(), ..Notification::default() };
    let kept = Archived { at: UnixMillis(1), endpoint: "e".into(), message };
    golden(&kept, r"\x01\x02\x01e\x01m\x01x\x00\x00\x00\x00\x00\x00");
    let place = Place {
        account: AccountId::local(),
        region: Region::default_region(),
        topic: "t".into(),
        number: 300,
        id: "s".into(),
    };
    let after = Some((UnixMillis(3), "9".into()));
    let replay = Replay { place, run: "r".into(), from: UnixMillis(1), until: Some(UnixMillis(2)), after };
    golden(&replay, r"\x01\x0c000000000000\tus-east-1\x01t\xac\x02\x01s\x01r\x02\x01\x04\x01\x06\x019");
}
