//! What lies on disks, byte by byte: may never change. A row that must change gets a new version, and its old bytes
//! stay here, to be read by `upgrade`.

use std::fmt::Debug;

use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Row, decode_row, encode_row};

use crate::background::Task;
use crate::config::Kept;
use crate::keys::Owner;
use crate::lifecycle::{Progress, Whose};
use crate::model::bucket::{Bucket, Ownership, Versioning};
use crate::notify::Letter;
use crate::restores::Restored;

pub(crate) fn golden<R: Row + PartialEq + Debug>(row: &R, bytes: &str) {
    let encoded = encode_row(row).unwrap();
    assert_eq!(encoded.escape_ascii().to_string(), bytes);
    assert_eq!(decode_row::<R>(b"", &encoded).unwrap(), *row);
}

#[test]
fn golden_buckets() {
    let bucket = Bucket {
        number: 300,
        name: "b".into(),
        account: AccountId::local(),
        region: Region::default_region(),
        location: Some("EU".into()),
        created: UnixMillis(1),
        versioning: Versioning::Suspended,
        object_lock: true,
        ownership: Some(Ownership::ObjectWriter),
        configured: 1 << 9,
    };
    golden(&bucket, r"\x01\xac\x02\x01b\x0c000000000000\tus-east-1\x01\x02EU\x02\x02\x01\x01\x02\x80\x04");
    golden(&Owner { account: AccountId::local() }, r"\x01\x0c000000000000");
    golden(&Kept { text: "{}".into() }, r"\x01\x02{}");
}

/// They lie in timers.
#[test]
fn golden_tasks() {
    golden(&Task::Clear { account: AccountId::local(), number: 300 }, r"\x01\x00\x0c000000000000\xac\x02");
    let progress = Progress { uploads_done: true, after: vec![7], key: Some("k".into()), at: UnixMillis(1), behind: 2 };
    let whose = Whose { account: AccountId::local(), name: "b".into(), number: 300 };
    golden(&Task::Lifecycle { whose, progress }, r"\x01\x01\x0c000000000000\x01b\xac\x02\x01\x01\x07\x01\x01k\x02\x04");
}

#[test]
fn golden_restorations() {
    let whose = Whose { account: AccountId::local(), name: "b".into(), number: 300 };
    let restored = Restored { whose, key: "k".into(), order: 7 };
    golden(&Task::Restored(restored), r"\x01\x02\x0c000000000000\x01b\xac\x02\x01k\x07");
}

#[test]
fn golden_tasks_of_objects() {
    let forget = Task::Forget { account: AccountId::local(), number: 300, upload: "u".into() };
    golden(&forget, r"\x01\x03\x0c000000000000\xac\x02\x01u");
}

#[test]
fn golden_deliveries_of_logs() {
    let whose = Whose { account: AccountId::local(), name: "b".into(), number: 300 };
    golden(&whose, r"\x01\x0c000000000000\x01b\xac\x02");
    golden(&Task::Accesses(whose), r"\x01\x04\x0c000000000000\x01b\xac\x02");
}

/// They lie in the outbox.
#[test]
fn golden_letters() {
    let letter = Letter {
        id: "i".into(),
        target: "t".into(),
        bucket: "b".into(),
        detail_type: Some("d".into()),
        at: UnixMillis(1),
        body: vec![7],
        account: None,
    };
    golden(&letter, r"\x02\x01i\x01t\x01b\x01\x01d\x02\x01\x07\x00");
    let first = b"\x01\x01i\x01t\x01b\x01\x01d\x02\x01\x07";
    assert_eq!(decode_row::<Letter>(b"", first).unwrap(), letter);
    let of = Letter { account: Some(AccountId::local()), ..letter };
    golden(&of, r"\x02\x01i\x01t\x01b\x01\x01d\x02\x01\x07\x01\x0c000000000000");
}
