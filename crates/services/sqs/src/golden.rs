//! Keys and rows of queues as they lie on users' disks: these bytes may never change.

use std::collections::BTreeMap;

use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, Row, encode_row};

use crate::background::{Job, Payload};
use crate::keys::{Deleted, QueueKey, held, name};
use crate::model::move_task::{MoveTask, Status};
use crate::model::queue::{Allowed, Encryption, Fifo, Queue, Redrive, RedriveAllow, Settings};

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn row<R: Row + PartialEq + std::fmt::Debug>(row: &R) -> String {
    let bytes = encode_row(row).unwrap();
    assert_eq!(&updraft_store::decode_row::<R>(b"", &bytes).unwrap(), row);
    shown(&bytes)
}

fn queue() -> Queue {
    let settings = Settings {
        visibility: 30,
        max_size: 1_048_576,
        retention: 345_600,
        delay: 0,
        wait: 20,
        redrive: Some(Redrive { target: "t".into(), max_receives: 3, written: "r".into() }),
        redrive_allow: Some(RedriveAllow { who: Allowed::Queues(vec!["s".into()]), written: "w".into() }),
        fifo: Some(Fifo { by_content: true, per_group: false, limit_per_group: true }),
        policy: Some("p".into()),
        encryption: Encryption { key: Some("k".into()), reuse: Some(300), managed: false },
    };
    let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    Queue { number: 300, created: UnixMillis(1), modified: UnixMillis(2), settings, tags, purged: Some(UnixMillis(3)) }
}

#[test]
fn golden_keys() {
    let (account, region) = (AccountId::local(), Region::default_region());
    let key = QueueKey { account: &account, region: &region, name: "q" };
    assert_eq!(shown(&key.encode()), r"\x17\x02000000000000\x00\x02us-east-1\x00\x15\x01\x02q\x00");
    assert_eq!(shown(&key.deleted().encode()), r"\x17\x02000000000000\x00\x02us-east-1\x00\x15\x03\x02q\x00");
    assert_eq!(
        shown(&held(&account, &region, 300).build()),
        r"\x17\x02000000000000\x00\x02us-east-1\x00\x15\x02\x16\x01,"
    );
}

#[test]
fn golden_rows() {
    assert_eq!(
        row(&queue()),
        r"\x01\xac\x02\x02\x04\x1e\x80\x80@\x80\x8c\x15\x00\x14\x01\x01t\x03\x01r\x01\x02\x01\x01s\x01w\x01\x01\x00\x01\x01\x01p\x01\x01k\x01\xac\x02\x00\x01\x01k\x01v\x01\x06"
    );
    assert_eq!(row(&Deleted { at: UnixMillis(300) }), r"\x01\xd8\x04");
    let payload = |job| Payload { account: "a".into(), region: "r".into(), job };
    assert_eq!(row(&payload(Job::Clear(300))), r"\x01\x01a\x01r\x00\xac\x02");
    let job = Job::Move { queue: "q".into(), started: UnixMillis(300), task: "t".into() };
    assert_eq!(row(&payload(job)), r"\x01\x01a\x01r\x02\x01q\xd8\x04\x01t");
    let task = MoveTask {
        id: "t".into(),
        started: UnixMillis(300),
        destination: Some("d".into()),
        rate: Some(500),
        found: 7,
        moved: 5,
        status: Status::Failed("f".into()),
    };
    assert_eq!(row(&task), r"\x01\x01t\xd8\x04\x01\x01d\x01\xf4\x03\x07\x05\x03\x01f");
    assert_eq!(row(&payload(Job::Free("q".into()))), r"\x01\x01a\x01r\x01\x01q");
    assert_eq!(row(&payload(Job::Tend("q".into()))), r"\x01\x01a\x01r\x03\x01q");
    let gauge = Job::Gauge { queue: "q".into(), until: UnixMillis(300) };
    assert_eq!(row(&payload(gauge)), r"\x01\x01a\x01r\x04\x01q\xd8\x04");
}

#[test]
fn queues_are_ordered_by_name_and_lie_apart_from_what_they_hold() {
    let (account, region) = (AccountId::local(), Region::default_region());
    let key = |name| QueueKey { account: &account, region: &region, name };
    let names = ["", "A", "a", "a-1", "a-2", "a.fifo", "b"];
    let encoded = names.map(|name| key(name).encode());
    assert!(encoded.is_sorted());
    let range = key("a").starting();
    let within: Vec<_> = encoded.iter().filter(|key| range.contains(key)).map(|key| name(key).unwrap()).collect();
    assert_eq!(within, ["a", "a-1", "a-2", "a.fifo"]);
    let held = |number| held(&account, &region, number);
    let row = held(300).u64(7).build();
    assert!(held(300).prefix_range().contains(&row));
    assert!(!held(30).prefix_range().contains(&row) && !held(301).prefix_range().contains(&row));
    assert!(!key("").starting().contains(&row) && !key("").starting().contains(&key("a").deleted().encode()));
}
