//! What lies on disks, byte by byte: may never change. A row that must change gets a new version, and its old bytes
//! stay here, to be read by `upgrade`.

use std::fmt::Debug;

use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Row, decode_row, encode_row};

use crate::background::Look;
use crate::keys::Generation;
use crate::model::archive::{Archive, Archived, Held, Replay, Step};
use crate::model::bus::Bus;
use crate::model::connection::{ApiDestination, Connection};
use crate::model::event::Event;
use crate::model::parcel::{Blame, Parcel};
use crate::model::publication::{Publication, To};
use crate::model::rule::Rule;
use crate::model::target::StoredTarget;
use crate::schedule::Tick;

pub(crate) fn golden<R: Row + PartialEq + Debug>(row: &R, bytes: &str) {
    let encoded = encode_row(row).unwrap();
    assert_eq!(encoded.escape_ascii().to_string(), bytes);
    assert_eq!(decode_row::<R>(b"", &encoded).unwrap(), *row);
}

#[test]
fn golden_buses_and_rules() {
    let bus = Bus {
        created: UnixMillis(1),
        modified: UnixMillis(2),
        description: Some("d".into()),
        kms_key: Some("k".into()),
        dead_letters: Some("q".into()),
        log: Some((Some("i".into()), Some("l".into()))),
        policy: Some("p".into()),
        tags: [("t".to_owned(), "v".to_owned())].into(),
    };
    golden(&bus, r"\x01\x02\x04\x01\x01d\x01\x01k\x01\x01q\x01\x01\x01i\x01\x01l\x01\x01p\x01\x01t\x01v");
    let rule = Rule {
        number: 300,
        created: UnixMillis(1),
        created_by: "c".into(),
        pattern: Some("p".into()),
        schedule: Some("s".into()),
        state: "ENABLED".into(),
        description: Some("d".into()),
        role: Some("r".into()),
        tags: [("t".to_owned(), "v".to_owned())].into(),
    };
    golden(&rule, r"\x01\xac\x02\x02\x01c\x01\x01p\x01\x01s\x07ENABLED\x01\x01d\x01\x01r\x01\x01t\x01v");
    golden(&StoredTarget("{}".into()), r"\x01\x02{}");
    golden(&Generation(300), r"\x01\xac\x02");
}

fn event() -> Event {
    Event {
        id: "i".into(),
        detail_type: "t".into(),
        source: "s".into(),
        account: AccountId::local(),
        region: Region::default_region(),
        time: UnixMillis(1),
        resources: vec!["r".into()],
        detail: "{}".into(),
        ingested: UnixMillis(2),
        trace: Some("x".into()),
        replay: Some("a".into()),
    }
}

#[test]
fn golden_publications() {
    let publication = |to| Publication {
        account: AccountId::local(),
        region: Region::default_region(),
        bus: "b".into(),
        endpoint: "e".into(),
        forwarded: true,
        to,
        events: vec![event()],
    };
    golden(
        &publication(To::All),
        r"\x01\x0c000000000000\tus-east-1\x01b\x01e\x01\x00\x01\x01i\x01t\x01s\x0c000000000000\tus-east-1\x02\x01\x01r\x02{}\x04\x01\x01x\x01\x01a",
    );
    golden(
        &publication(To::Some(vec!["r".into()])),
        r"\x01\x0c000000000000\tus-east-1\x01b\x01e\x01\x01\x01\x01r\x01\x01i\x01t\x01s\x0c000000000000\tus-east-1\x02\x01\x01r\x02{}\x04\x01\x01x\x01\x01a",
    );
    golden(
        &publication(To::Scheduled("r".into())),
        r"\x01\x0c000000000000\tus-east-1\x01b\x01e\x01\x02\x01r\x01\x01i\x01t\x01s\x0c000000000000\tus-east-1\x02\x01\x01r\x02{}\x04\x01\x01x\x01\x01a",
    );
}

#[test]
fn golden_parcels() {
    let blame = Blame { code: "c".into(), message: "m".into(), exhausted: Some("x".into()), retries: 3 };
    let parcel = Parcel {
        account: AccountId::local(),
        region: Region::default_region(),
        bus: "b".into(),
        rule: "r".into(),
        endpoint: "e".into(),
        forwarded: false,
        target: StoredTarget("{}".into()),
        event: event(),
        blame: Some(blame),
        not_before: Some(UnixMillis(5)),
    };
    golden(
        &parcel,
        r"\x02\x0c000000000000\tus-east-1\x01b\x01r\x01e\x00\x02{}\x01i\x01t\x01s\x0c000000000000\tus-east-1\x02\x01\x01r\x02{}\x04\x01\x01x\x01\x01a\x01\x01c\x01m\x01\x01x\x03\x01\n",
    );
    let first = b"\x01\x0c000000000000\tus-east-1\x01b\x01r\x01e\x00\x02{}\x01i\x01t\x01s\x0c000000000000\tus-east-1\x02\x01\x01r\x02{}\x04\x01\x01x\x01\x01a\x01\x01c\x01m\x01\x01x\x03";
    assert_eq!(decode_row::<Parcel>(b"", first).unwrap(), Parcel { not_before: None, ..parcel });
}

#[test]
fn golden_archives() {
    let archive = Archive {
        number: 300,
        created: UnixMillis(1),
        source: "s".into(),
        description: Some("d".into()),
        pattern: Some("p".into()),
        retention_days: 7,
        kms_key: Some("k".into()),
    };
    golden(&archive, r"\x01\xac\x02\x02\x01s\x01\x01d\x01\x01p\x07\x01\x01k");
    golden(&Held { events: 300, bytes: 2 }, r"\x01\xac\x02\x02");
    golden(
        &Archived(event()),
        r"\x01\x01i\x01t\x01s\x0c000000000000\tus-east-1\x02\x01\x01r\x02{}\x04\x01\x01x\x01\x01a",
    );
    let look = Look { account: AccountId::local(), region: Region::default_region(), archive: "a".into(), number: 300 };
    golden(&look, r"\x01\x0c000000000000\tus-east-1\x01a\xac\x02");
}

#[test]
fn golden_replays() {
    let replay = Replay {
        description: Some("d".into()),
        state: "STARTING".into(),
        source: "s".into(),
        number: 300,
        destination: "b".into(),
        rules: Some(vec!["r".into()]),
        from: UnixMillis(1),
        until: UnixMillis(2),
        reached: Some(UnixMillis(3)),
        started: UnixMillis(4),
        ended: Some(UnixMillis(5)),
    };
    golden(&replay, r"\x01\x01\x01d\x08STARTING\x01s\xac\x02\x01b\x01\x01\x01r\x02\x04\x01\x06\x08\x01\n");
    let step = Step {
        account: AccountId::local(),
        region: Region::default_region(),
        replay: "r".into(),
        endpoint: "e".into(),
        after: Some((UnixMillis(1), "i".into())),
    };
    golden(&step, r"\x01\x0c000000000000\tus-east-1\x01r\x01e\x01\x02\x01i");
}

#[test]
fn golden_schedules() {
    let tick = Tick {
        account: AccountId::local(),
        region: Region::default_region(),
        bus: "b".into(),
        rule: "r".into(),
        number: 300,
        anchor: UnixMillis(1),
        endpoint: "e".into(),
    };
    golden(&tick, r"\x01\x0c000000000000\tus-east-1\x01b\x01r\xac\x02\x02\x01e");
}

#[test]
fn golden_connections() {
    let connection = Connection {
        id: "i".into(),
        created: UnixMillis(1),
        modified: UnixMillis(2),
        authorized: Some(UnixMillis(3)),
        description: Some("d".into()),
        kind: "BASIC".into(),
        shown: "{}".into(),
        secret: Some("s".into()),
        kms_key: Some("k".into()),
    };
    golden(&connection, r"\x01\x01i\x02\x04\x01\x06\x01\x01d\x05BASIC\x02{}\x01\x01s\x01\x01k");
    let destination = ApiDestination {
        id: "i".into(),
        created: UnixMillis(1),
        modified: UnixMillis(2),
        description: Some("d".into()),
        connection: "c".into(),
        url: "u".into(),
        method: "POST".into(),
        rate: 300,
    };
    golden(&destination, r"\x01\x01i\x02\x04\x01\x01d\x01c\x01u\x04POST\xac\x02");
}
