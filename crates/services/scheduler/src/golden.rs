//! What lies on disks, byte by byte: may never change. A row that must change gets a new version, and its old bytes
//! stay here, to be read by `upgrade`.

use std::fmt::Debug;

use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Row, decode_row, encode_row};

use crate::background::{Task, What};
use crate::model::group::Group;
use crate::model::occasion::Occasion;
use crate::model::schedule::{Schedule, Settings};

fn golden<R: Row + PartialEq + Debug>(row: &R, bytes: &str) {
    let encoded = encode_row(row).unwrap();
    assert_eq!(encoded.escape_ascii().to_string(), bytes);
    assert_eq!(decode_row::<R>(b"", &encoded).unwrap(), *row);
}

#[test]
fn golden_groups() {
    let tags = [("t".to_owned(), "v".to_owned())].into();
    let group = Group { created: UnixMillis(1), modified: UnixMillis(2), going: true, token: Some("k".into()), tags };
    golden(&group, r"\x01\x02\x04\x01\x01\x01k\x01\x01t\x01v");
}

#[test]
fn golden_schedules() {
    let settings = Settings {
        expression: "e".into(),
        zone: "z".into(),
        start: Some(UnixMillis(3)),
        end: None,
        description: Some("d".into()),
        enabled: true,
        kms_key: None,
        target: "{}".into(),
        window: Some(15),
        ends: false,
    };
    let (created, modified, anchor) = (UnixMillis(1), UnixMillis(2), UnixMillis(3));
    let schedule = Schedule { number: 300, created, modified, anchor, token: None, settings };
    golden(&schedule, r"\x01\xac\x02\x02\x04\x06\x00\x01e\x01z\x01\x06\x00\x01\x01d\x01\x00\x02{}\x01\x0f\x00");
}

#[test]
fn golden_occasions() {
    let occasion = Occasion {
        account: AccountId::local(),
        region: Region::default_region(),
        group: "g".into(),
        name: "n".into(),
        scheduled: UnixMillis(1),
        id: "i".into(),
        execution: "x".into(),
        target: "{}".into(),
    };
    golden(&occasion, r"\x01\x0c000000000000\tus-east-1\x01g\x01n\x02\x01i\x01x\x02{}");
}

/// They lie in timers.
#[test]
fn golden_tasks() {
    let task = |what| Task { account: AccountId::local(), region: Region::default_region(), group: "g".into(), what };
    golden(&task(What::Clear), r"\x01\x0c000000000000\tus-east-1\x01g\x01");
    let occur = What::Occur { name: "n".into(), number: 300, scheduled: UnixMillis(1) };
    golden(&task(occur), r"\x01\x0c000000000000\tus-east-1\x01g\x00\x01n\xac\x02\x02");
}
