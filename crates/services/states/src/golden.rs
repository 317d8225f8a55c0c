//! What lies on disks, byte by byte: may never change. A row that must change gets a new version, and its old bytes
//! stay here, to be read by `upgrade`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use updraft_asl::definition::{Pattern, Resource};
use updraft_asl::run::{Frame, Head, Phase, Ran, Turn};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Row, decode_row, encode_row};

use crate::keys::{Asked, Started, Token, TokenText, Wanted};
use crate::mocks::case::Case;
use crate::model::activity::Activity;
use crate::model::execution::{End, EventRow, Execution, FrameRow, How, ValueRow, Waiter};
use crate::model::machine::{Machine, Revision, Settings};
use crate::model::map_run::{
    Child, ChildOf, Counts, Cursor, Ended, MapRun, Outcome, PlanRow, Redriven, Share, Stopping,
};
use crate::model::name::{ActivityId, ExecutionId, MachineId, MapRunId};
use crate::model::redrives::Redrives;
use crate::model::version::{Alias, Origin, Published, Route, Version};
use crate::run::timers::{Due, What};
use crate::run::work::{Status, Work};

const TURN: Turn = Turn { frame: 3, number: 4 };

fn golden<R: Row + PartialEq + Debug>(row: &R, bytes: &str) {
    let encoded = encode_row(row).unwrap();
    assert_eq!(encoded.escape_ascii().to_string(), bytes);
    assert_eq!(decode_row::<R>(b"", &encoded).unwrap(), *row);
}

fn id() -> ExecutionId {
    let machine = MachineId { account: AccountId::local(), region: Region::default_region(), name: "m".into() };
    ExecutionId { machine, name: "e".into() }
}

#[test]
fn golden_machines() {
    let settings = Settings { logging: Some("{}".into()), tracing: true, encryption: None };
    let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    let machine =
        Machine { express: false, created: UnixMillis(1), updated: UnixMillis(2), revision: 3, settings, tags };
    golden(&machine, r"\x01\x00\x02\x04\x03\x01\x02{}\x01\x00\x01\x01k\x01v");
    let (definition, role, id, since) = ("d".into(), "r".into(), "i".into(), UnixMillis(5));
    let revision = Revision { definition, role, id, since, settings: None };
    golden(&revision, r"\x02\x01d\x01r\x01i\n\x00");
    assert_eq!(decode_row::<Revision>(b"", b"\x01\x01d\x01r\x01i\n").unwrap(), revision);
    let settings = Some(Settings { logging: None, tracing: true, encryption: Some("{}".into()) });
    golden(&Revision { settings, ..revision }, r"\x02\x01d\x01r\x01i\n\x01\x00\x01\x01\x02{}");
}

#[test]
fn golden_versions() {
    let (revision, description, created) = (3, Some("d".to_owned()), UnixMillis(4));
    golden(&Version { revision, description: description.clone(), created }, r"\x01\x03\x01\x01d\x08");
    golden(&Published(300), r"\x01\xac\x02");
    let routes = vec![Route { version: 1, weight: 60 }, Route { version: 2, weight: 40 }];
    let alias = Alias { description, routes, created, updated: UnixMillis(5) };
    golden(&alias, r"\x01\x01\x01d\x02\x01<\x02(\x08\n");
    golden(&Origin { version: 2, alias: Some("a".into()) }, r"\x01\x02\x01\x01a");
    golden(&TokenText("t".into()), r"\x01\x01t");
}

#[test]
fn golden_executions() {
    let head = Head { next_frame: 1, next_value: 2, events: 3, input: Some(0) };
    let (output, error, cause) = (Some("o".into()), Some("e".into()), Some("c".into()));
    let end = Some(End { at: UnixMillis(9), how: How::TimedOut, output, error, cause });
    let waiter = Some(Waiter { execution: id(), turn: TURN, json: true });
    let (input, trace, started) = ("i".into(), Some("t".into()), UnixMillis(7));
    let execution = Execution { revision: 6, input, trace, started, head, end, waiter, redriven: true };
    const REST: &str = r"\x06\x01i\x01\x01t\x0e\x01\x02\x03\x01\x00\x01\x12\x02\x01\x01o\x01\x01e\x01\x01c\x01\x0c000000000000\tus-east-1\x01m\x01e\x03\x04\x01";
    golden(&execution, &format!(r"\x02{REST}\x01"));
    let bytes = encode_row(&execution).unwrap();
    let before = [b"\x01", &bytes[1..bytes.len() - 1]].concat();
    assert_eq!(before.escape_ascii().to_string(), format!(r"\x01{REST}"));
    assert_eq!(decode_row::<Execution>(b"", &before).unwrap(), execution);
    golden(&Started, r"\x01");
    golden(&Redrives::default().again(Some("t".into()), UnixMillis(8)), r"\x01\x01\x10\x01\x01t\x10");
    golden(&Case { name: "c".into(), calls: BTreeMap::from([("S".into(), 2)]) }, r"\x01\x01c\x01\x01S\x02");
    golden(&ValueRow("[1]".into()), r"\x01\x03[1]");
    let details = Some(("member".into(), "{}".into()));
    golden(
        &EventRow { previous: 1, at: 2, name: "PassStateEntered".into(), details },
        r"\x01\x01\x04\x10PassStateEntered\x01\x06member\x02{}",
    );
}

#[test]
fn golden_frames() {
    let frame = Frame {
        parent: Some(1),
        index: 2,
        state: "S".into(),
        input: 3,
        variables: BTreeMap::from([("v".into(), 4)]),
        last: 5,
        before: 6,
        entered: 7,
        entered_at: 8,
        tries: vec![9],
        retries: 10,
        turn: 11,
        phase: Phase::Branches(2),
    };
    let of_a_map = |phase| FrameRow(Frame { variables: BTreeMap::new(), tries: vec![], phase, ..frame.clone() });
    const WHOLE: &str = r"\x01\x01\x01\x02\x01S\x03\x00\x05\x06\x07\x10\x00\n\x0b";
    golden(&of_a_map(Phase::Run("a".into())), &format!(r"{WHOLE}\x07\x01a"));
    let ran = Ran { arn: "a".into(), redrives: 1 };
    golden(&of_a_map(Phase::Redriven(ran.clone())), &format!(r"{WHOLE}\x08\x01a\x01"));
    golden(&of_a_map(Phase::Ran(ran)), &format!(r"{WHOLE}\t\x01a\x01"));
    golden(&FrameRow(frame), r"\x01\x01\x01\x02\x01S\x03\x01\x01v\x04\x05\x06\x07\x10\x01\t\n\x0b\x04\x02");
}

#[test]
fn golden_what_is_to_be_done() {
    golden(&Token { execution: id(), turn: TURN }, r"\x01\x0c000000000000\tus-east-1\x01m\x01e\x03\x04");
    golden(
        &Due { execution: id(), what: What::Heartbeat(TURN) },
        r"\x01\x0c000000000000\tus-east-1\x01m\x01e\x03\x03\x04",
    );
    let settled = Due { execution: id(), what: What::Settled };
    golden(&settled, r"\x01\x0c000000000000\tus-east-1\x01m\x01e\x05");
    golden(&Work::Ended(id()), r"\x01\x01\x0c000000000000\tus-east-1\x01m\x01e");
    let status = Status { execution: id(), event: "u".into(), at: UnixMillis(3), ended: Some(How::Failed) };
    golden(&Work::Status(status), r"\x01\x02\x0c000000000000\tus-east-1\x01m\x01e\x01u\x06\x01\x01");
    let service = Resource::Service { service: "s".into(), action: "a".into(), sdk: true, pattern: Pattern::Token };
    let work = Work::Call { execution: id(), turn: TURN, resource: service, arguments: "{}".into() };
    golden(&work, r"\x01\x00\x0c000000000000\tus-east-1\x01m\x01e\x03\x04\x02\x01s\x01a\x01\x03\x02{}");
}

#[test]
fn golden_activities() {
    let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    golden(
        &Activity { created: UnixMillis(1), encryption: Some("{}".into()), tags },
        r"\x01\x02\x01\x02{}\x01\x01k\x01v",
    );
    let (execution, token) = (id(), "t".to_owned());
    golden(
        &Asked { execution, turn: TURN, token: token.clone(), input: "1".into() },
        r"\x01\x0c000000000000\tus-east-1\x01m\x01e\x03\x04\x01t\x011",
    );
    let activity = ActivityId { account: AccountId::local(), region: Region::default_region(), name: "a".into() };
    golden(&Wanted { activity, since: UnixMillis(2), token }, r"\x01\x0c000000000000\tus-east-1\x01a\x04\x01t");
}

#[test]
fn golden_map_runs() {
    let counts = Counts { started: 1, succeeded: 2, failed: 3, timed_out: 4, aborted: 5, written: 6 };
    let cursor = Cursor {
        index: 7,
        at: 8,
        page: Some("p".into()),
        columns: Some(std::sync::Arc::new(vec!["c".into()])),
        etag: Some("e".into()),
    };
    let run = MapRun {
        parent: id(),
        turn: TURN,
        started: UnixMillis(1),
        ended: Some((UnixMillis(2), Outcome::Failed)),
        concurrency: 3,
        tolerated_count: 4,
        tolerated_percentage: 0.5,
        cursor: Some(cursor),
        executions: counts,
        items: counts,
        stopping: Some(Stopping::Failed("e".into(), "c".into())),
        redriven: None,
    };
    const FIRST: &str = r"\x0c000000000000\tus-east-1\x01m\x01e\x03\x04\x02\x01\x04\x01\x03\x04\x00\x00\x00\x00\x00\x00\xe0?\x01\x07\x08\x01\x01p\x01\x01\x01c\x01\x01e\x01\x02\x03\x04\x05\x06\x01\x02\x03\x04\x05\x06\x01\x01\x01e\x01c";
    golden(&run, &format!(r"\x02{FIRST}\x00"));
    let first = updraft_store::encode_row(&run).unwrap();
    let first = [&[1], &first[1..first.len() - 1]].concat();
    assert_eq!(decode_row::<MapRun>(b"", &first).unwrap(), run, "as the first version wrote it");
    let (pending, lost) = (Share { executions: 1, items: 2 }, Share { executions: 3, items: 4 });
    let redriven = Redriven { count: 5, at: UnixMillis(6), next: Some(7), pending, lost, put_off: true };
    golden(
        &MapRun { redriven: Some(redriven), ..run },
        &format!(r"\x02{FIRST}\x01\x05\x0c\x01\x07\x01\x02\x03\x04\x01"),
    );
    golden(&PlanRow("{}".into()), r"\x01\x02{}");
    golden(&Child { name: "n".into(), items: 2 }, r"\x01\x01n\x02");
    let child = ChildOf { run: MapRunId(id()), index: 1, items: 2, path: vec!["M".into()] };
    golden(&child, r"\x01\x0c000000000000\tus-east-1\x01m\x01e\x01\x02\x01\x01M");
    golden(&Ended { how: How::Aborted, items: 2 }, r"\x01\x03\x02");
    golden(&MapRunId(id()), r"\x01\x0c000000000000\tus-east-1\x01m\x01e");
    golden(&Work::MapRun(MapRunId(id())), r"\x01\x03\x0c000000000000\tus-east-1\x01m\x01e");
}

/// It is JSON, so that names are what may not change.
#[test]
fn golden_plans() {
    let text = r#"{"revision":1,"path":["M"],"plan":{"state":"M","express":false,"source":{"Read":{"resource":"r","config":{},"arguments":null}},"max_items":2,"batches":{"items":3,"bytes":null,"input":{}},"concurrency":4,"tolerated":[5,0.5],"writer":{"resource":null,"config":{},"arguments":null},"scene":{"input":1,"context":{},"variables":{}}}}"#;
    let kept: crate::maps::Kept = serde_json::from_str(text).unwrap();
    let written = serde_json::to_string(&kept).unwrap();
    // At first there was nothing of pairs.
    assert_eq!(written, text.replace("\"max_items\"", "\"keyed\":false,\"max_items\""));
    assert_eq!(serde_json::from_str::<crate::maps::Kept>(&written).unwrap(), kept);
}
