//! What lies on disks, byte by byte: may never change. See [`crate::golden`].

use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::Key;

use super::arn::ExecutionId;
use super::data::Data;
use super::event::Happened;
use super::keys::{
    CheckpointKey, ChunkKey, EventKey, ExecutionKey, NameKey, OperationKey, PendingKey, SequenceKey, StatusKey,
    UpdatedKey,
};
use super::rows::{
    Asked, CheckpointRow, ChunkRow, Counts, Details, EventRow, ExecutionRow, Kind, NameRow, Of, OperationRow, Origin,
    Pause, PendingRow, Phase, SequenceRow, State, Status, SummaryRow, Turn, UpdatedRow,
};
use super::timers::{WakeRow, What};
use super::turn::DueRow;
use crate::golden::golden;
use crate::model::durable::Durable;

fn id() -> ExecutionId {
    ExecutionId { account: AccountId::local(), region: Region::default_region(), id: "x".into() }
}

fn here(text: &str) -> Option<Data> {
    Some(Data::Here(text.into()))
}

/// With everything set.
fn execution() -> ExecutionRow {
    let phase = Phase::Running { request_id: "q".into(), started: UnixMillis(2), closed: true };
    ExecutionRow {
        name: "n".into(),
        function: "f".into(),
        version: "1".into(),
        qualifier: "live".into(),
        origin: Origin::Chained { parent: "p".into(), operation: 4 },
        started: UnixMillis(1),
        input: Data::Apart { number: 1, bytes: 9_000 },
        input_hash: [7; 32],
        settings: Durable { timeout_secs: 600, retention_days: 14, kms_key: Some("k".into()) },
        status: Status::Pausing,
        ended: Some(UnixMillis(3)),
        result: here("1"),
        error: here("{}"),
        deadline: UnixMillis(600_001),
        counts: Counts { operations: 5, events: 6, apart: 1, bytes: 9_001, pending: 2 },
        turn: Turn { number: 3, attempt: 1, checkpoints: 2, phase, failures: 1, idle_answers: 2 },
        pause: Some(Pause {
            requested: UnixMillis(2),
            reason: Some("r".into()),
            stops_timeout: true,
            began: Some(UnixMillis(3)),
            owes: true,
        }),
        asked: Some(Asked {
            at: UnixMillis(2),
            pause: true,
            token: Some("t".into()),
            reason: Some("r".into()),
            stops_timeout: true,
        }),
        deleting: Some(UnixMillis(4)),
    }
}

fn of() -> Of {
    Of { id: "o".into(), parent: Some("p".into()), name: Some("n".into()), sub_type: Some("Step".into()) }
}

fn operation(kind: Kind, state: State, details: Details) -> OperationRow {
    let (result, error) = (here("1"), here("{}"));
    OperationRow { of: of(), kind, state, started: UnixMillis(1), ended: Some(UnixMillis(2)), result, error, details }
}

#[test]
fn golden_keys() {
    let (id, function) = (&id(), &id().function("f"));
    let listed = StatusKey { function, status: Status::Failed, started: UnixMillis(258), id: "x" };
    let keys = [
        ExecutionKey(id).encode(),
        NameKey(function, "n").encode(),
        listed.encode(),
        OperationKey(id, 300).encode(),
        SequenceKey(id, "o").encode(),
        EventKey(id, 1).encode(),
        ChunkKey(id, 1, 0).encode(),
        PendingKey(id, 1).encode(),
        UpdatedKey(id, 1).encode(),
        CheckpointKey(id).encode(),
    ];
    let shown = keys.map(|key| {
        let shown = key.escape_ascii().to_string();
        shown.strip_prefix(r"\x11\x02000000000000\x00\x02us-east-1\x00\x15 ").unwrap().to_owned()
    });
    assert_eq!(shown, KEYS);
}

const KEYS: [&str; 10] = [
    r"\x15\x01\x02x\x00",
    r"\x15\x02\x02f\x00\x02n\x00",
    r"\x15\x03\x02f\x00\x15\x04\x16\x01\x02\x02x\x00",
    r"\x15\x01\x02x\x00\x15\x01\x16\x01,",
    r"\x15\x01\x02x\x00\x15\x02\x02o\x00",
    r"\x15\x01\x02x\x00\x15\x03\x15\x01",
    r"\x15\x01\x02x\x00\x15\x04\x15\x01\x14",
    r"\x15\x01\x02x\x00\x15\x05\x15\x01",
    r"\x15\x01\x02x\x00\x15\x06\x15\x01",
    r"\x15\x01\x02x\x00\x15\x07",
];

#[test]
fn golden_rows() {
    golden(
        &execution(),
        r"\x01\x01n\x01f\x011\x04live\x02\x01p\x04\x02\x01\x01\xa8F\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xd8\x04\x0e\x01\x01k\x01\x01\x06\x01\x00\x011\x01\x00\x02{}\x82\x9fI\x05\x06\x01\xa9F\x02\x03\x01\x02\x02\x01q\x04\x01\x01\x02\x01\x04\x01\x01r\x01\x01\x06\x01\x01\x04\x01\x01\x01t\x01\x01r\x01\x01\x08",
    );
}

/// Numbers of variants are on disks: each has its own.
#[test]
fn golden_variants() {
    let phases = [Phase::Idle, Phase::Due, Phase::Backoff].map(|phase| postcard::to_allocvec(&phase).unwrap());
    assert_eq!(phases, [[0], [1], [3]]);
    let statuses = Status::ALL.map(|status| postcard::to_allocvec(&status).unwrap());
    assert_eq!(statuses, [[0], [1], [2], [3], [4], [5], [6], [7]]);
    let origins = [Origin::Call, Origin::Event].map(|origin| postcard::to_allocvec(&origin).unwrap());
    assert_eq!(origins, [[0], [1]]);
}

#[test]
fn golden_operations() {
    let rows = [
        operation(Kind::Context, State::Succeeded, Details::Context { replays: true }),
        operation(Kind::Step, State::Pending, Details::Step { attempts: 2, next: Some(UnixMillis(5)) }),
        operation(Kind::Wait, State::Started, Details::Wait { seconds: 300, until: UnixMillis(5) }),
        operation(Kind::Callback, State::TimedOut, Details::Callback { timeout: 60, heartbeat: 7 }),
        operation(Kind::ChainedInvoke, State::Stopped, Details::Chained { function: "g".into(), input: here("{}") }),
        operation(Kind::Step, State::Ready, Details::Step { attempts: 0, next: None }),
        operation(Kind::Step, State::Failed, Details::Step { attempts: 0, next: None }),
        operation(Kind::Wait, State::Cancelled, Details::Wait { seconds: 1, until: UnixMillis(5) }),
    ];
    for (row, bytes) in rows.iter().zip(OPERATIONS) {
        golden(row, bytes);
    }
}

const OPERATIONS: [&str; 8] = [
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x00\x03\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x00\x01",
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x01\x01\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x01\x02\x01\n",
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x02\x00\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x02\xac\x02\n",
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x03\x06\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x03<\x07",
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x04\x07\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x04\x01g\x01\x00\x02{}",
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x01\x02\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x01\x00\x00",
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x01\x04\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x01\x00\x00",
    r"\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x02\x05\x02\x01\x04\x01\x00\x011\x01\x00\x02{}\x02\x01\n",
];

#[test]
fn golden_events() {
    let (result, error) = (|| here("1"), || here("{}"));
    let events = [
        Happened::ExecutionStarted { input: Data::Here("{}".into()), timeout_secs: 600 },
        Happened::ExecutionSucceeded { result: result() },
        Happened::ExecutionFailed { error: error() },
        Happened::ExecutionTimedOut { error: error() },
        Happened::ExecutionStopped { error: error() },
        Happened::ContextStarted,
        Happened::ContextSucceeded { result: result() },
        Happened::ContextFailed { error: error() },
        Happened::WaitStarted { seconds: 300, until: UnixMillis(5) },
        Happened::WaitSucceeded { seconds: 300 },
        Happened::WaitCancelled { error: error() },
        Happened::StepStarted,
        Happened::StepSucceeded { result: result(), attempt: 1, next_secs: None },
        Happened::StepFailed { error: error(), attempt: 1, next_secs: Some(2) },
        Happened::ChainedInvokeStarted {
            function: "g".into(),
            input: result(),
            version: Some("1".into()),
            execution: Some("a".into()),
        },
        Happened::ChainedInvokeSucceeded { result: result() },
        Happened::ChainedInvokeFailed { error: error() },
        Happened::ChainedInvokeTimedOut { error: error() },
        Happened::ChainedInvokeStopped { error: error() },
        Happened::CallbackStarted { id: "c".into(), timeout: 60, heartbeat: 7 },
        Happened::CallbackSucceeded { result: result() },
        Happened::CallbackFailed { error: error() },
        Happened::CallbackTimedOut { error: error() },
        Happened::InvocationCompleted {
            started: UnixMillis(1),
            ended: UnixMillis(2),
            request_id: "q".into(),
            error: error(),
        },
        Happened::ExecutionPaused { requested: UnixMillis(1), reason: Some("r".into()), stops_timeout: true },
        Happened::ExecutionResumed { requested: UnixMillis(1), reason: Some("r".into()) },
    ];
    for (what, bytes) in events.into_iter().zip(EVENTS) {
        golden(&EventRow { at: UnixMillis(1), of: None, what }, bytes);
    }
    golden(
        &EventRow { at: UnixMillis(1), of: Some(of()), what: Happened::StepStarted },
        r"\x01\x02\x01\x01o\x01\x01p\x01\x01n\x01\x04Step\x0b",
    );
}

const EVENTS: [&str; 26] = [
    r"\x01\x02\x00\x00\x00\x02{}\xd8\x04",
    r"\x01\x02\x00\x01\x01\x00\x011",
    r"\x01\x02\x00\x02\x01\x00\x02{}",
    r"\x01\x02\x00\x03\x01\x00\x02{}",
    r"\x01\x02\x00\x04\x01\x00\x02{}",
    r"\x01\x02\x00\x05",
    r"\x01\x02\x00\x06\x01\x00\x011",
    r"\x01\x02\x00\x07\x01\x00\x02{}",
    r"\x01\x02\x00\x08\xac\x02\n",
    r"\x01\x02\x00\t\xac\x02",
    r"\x01\x02\x00\n\x01\x00\x02{}",
    r"\x01\x02\x00\x0b",
    r"\x01\x02\x00\x0c\x01\x00\x011\x01\x00",
    r"\x01\x02\x00\r\x01\x00\x02{}\x01\x01\x02",
    r"\x01\x02\x00\x0e\x01g\x01\x00\x011\x01\x011\x01\x01a",
    r"\x01\x02\x00\x0f\x01\x00\x011",
    r"\x01\x02\x00\x10\x01\x00\x02{}",
    r"\x01\x02\x00\x11\x01\x00\x02{}",
    r"\x01\x02\x00\x12\x01\x00\x02{}",
    r"\x01\x02\x00\x13\x01c<\x07",
    r"\x01\x02\x00\x14\x01\x00\x011",
    r"\x01\x02\x00\x15\x01\x00\x02{}",
    r"\x01\x02\x00\x16\x01\x00\x02{}",
    r"\x01\x02\x00\x17\x02\x04\x01q\x01\x00\x02{}",
    r"\x01\x02\x00\x18\x02\x01\x01r\x01",
    r"\x01\x02\x00\x19\x02\x01\x01r",
];

#[test]
fn golden_rows_beside_them() {
    golden(&SequenceRow(300), r"\x01\xac\x02");
    golden(&ChunkRow("a".into()), r"\x01\x01a");
    golden(&PendingRow, r"\x01");
    golden(&UpdatedRow { told: true }, r"\x01\x01");
    let (client_token, token, next_token) = ("c".into(), "t".into(), Some("n".into()));
    golden(
        &CheckpointRow { at: UnixMillis(1), client_token, token, next_token, operations: vec![1, 300] },
        r"\x01\x02\x01c\x01t\x01\x01n\x02\x01\xac\x02",
    );
    golden(&NameRow("x".into()), r"\x01\x01x");
    let (name, version, kms_key) = ("n".into(), "1".into(), Some("k".into()));
    golden(&SummaryRow { name, version, ended: Some(UnixMillis(2)), kms_key }, r"\x01\x01n\x011\x01\x04\x01\x01k");
}

#[test]
fn golden_timers_and_deliveries() {
    let ExecutionId { account, region, id } = id();
    golden(
        &DueRow { account: account.clone(), region: region.clone(), id: id.clone(), number: 300 },
        r"\x01\x0c000000000000\tus-east-1\x01x\xac\x02",
    );
    let timers = [
        What::Timeout,
        What::Expire,
        What::Invoke,
        What::Operation(1),
        What::CallbackTimeout(1),
        What::HeartbeatTimeout(1),
    ];
    for (what, bytes) in timers.into_iter().zip(TIMERS) {
        golden(&WakeRow { account: account.clone(), region: region.clone(), id: id.clone(), what }, bytes);
    }
}

const TIMERS: [&str; 6] = [
    r"\x01\x0c000000000000\tus-east-1\x01x\x00",
    r"\x01\x0c000000000000\tus-east-1\x01x\x01",
    r"\x01\x0c000000000000\tus-east-1\x01x\x02",
    r"\x01\x0c000000000000\tus-east-1\x01x\x03\x01",
    r"\x01\x0c000000000000\tus-east-1\x01x\x04\x01",
    r"\x01\x0c000000000000\tus-east-1\x01x\x05\x01",
];
