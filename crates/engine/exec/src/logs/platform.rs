//! What the platform itself tells of an instance: as lines of a log in text, as objects of a log in JSON, and as telemetry
//! for extensions.

use std::time::Duration;

use serde_json::{Map, Value, json};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::FunctionSpec;

use super::format::{self, Report, millis};
use super::level::Level;
use crate::env::Initialization;
use crate::failure::Failure;

/// How something went, as telemetry names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Success,
    /// The function's own error.
    Error,
    /// The runtime or an extension ended; its error type.
    Failure(String),
    Timeout,
}

impl Status {
    pub(crate) fn of(failure: Option<&Failure>) -> Self {
        match failure {
            None => Self::Success,
            Some(Failure::ResponseTooLarge(_)) => Self::Error,
            Some(Failure::TimedOut(_)) => Self::Timeout,
            Some(failure) => Self::Failure(failure.kind().to_owned()),
        }
    }

    fn as_str(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Failure(_) => "failure",
            Self::Timeout => "timeout",
        }
    }

    fn put(&self, record: &mut Map<String, Value>) {
        record.insert("status".to_owned(), self.as_str().into());
        if let Self::Failure(kind) = self {
            record.insert("errorType".to_owned(), kind.as_str().into());
        }
    }
}

/// Why an instance starts, and whether that is a part of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beginning {
    pub(crate) kind: Initialization,
    /// AWS: after a reset, the start isn't told apart from the call that it is for.
    pub(crate) suppressed: bool,
}

impl Beginning {
    pub(crate) fn phase(self) -> &'static str {
        if self.suppressed { "invoke" } else { "init" }
    }
}

/// One thing that the platform tells.
#[derive(Clone, Debug)]
pub(crate) enum Event<'a> {
    InitStart {
        version: &'a str,
        note: Option<&'a str>,
        beginning: Beginning,
        spec: &'a FunctionSpec,
    },
    InitRuntimeDone {
        beginning: Beginning,
        status: Status,
    },
    InitReport {
        beginning: Beginning,
        took: Duration,
        status: Status,
    },
    Start {
        id: &'a str,
        version: &'a str,
        trace: &'a str,
    },
    RuntimeDone {
        id: &'a str,
        trace: &'a str,
        status: Status,
        took: Duration,
        bytes: usize,
    },
    /// The platform had to end an invocation.
    Fault {
        id: &'a str,
        failure: &'a Failure,
    },
    End {
        id: &'a str,
    },
    Report {
        id: &'a str,
        trace: &'a str,
        report: &'a Report<'a>,
        status: Status,
    },
    Extension {
        name: &'a str,
        state: &'a str,
        events: &'a [&'static str],
        error: Option<&'a str>,
    },
    /// `logs`: by the Logs API, which is older.
    Subscription {
        name: &'a str,
        types: &'a [&'static str],
        logs: bool,
    },
    /// An invocation printed more than is kept.
    Dropped {
        bytes: u64,
        budget: usize,
    },
}

impl Event<'_> {
    /// `type`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::InitStart { .. } => "platform.initStart",
            Self::InitRuntimeDone { .. } => "platform.initRuntimeDone",
            Self::InitReport { .. } => "platform.initReport",
            Self::Start { .. } => "platform.start",
            Self::RuntimeDone { .. } => "platform.runtimeDone",
            Self::Fault { .. } => "platform.fault",
            Self::End { .. } => "platform.end",
            Self::Report { .. } => "platform.report",
            Self::Extension { .. } => "platform.extension",
            Self::Subscription { logs: false, .. } => "platform.telemetrySubscription",
            Self::Subscription { logs: true, .. } => "platform.logsSubscription",
            Self::Dropped { .. } => "platform.logsDropped",
        }
    }

    /// AWS: which of them a log in JSON has, by `SystemLogLevel`. `None`: never.
    fn level(&self) -> Option<Level> {
        let by = |status: &Status, else_: Level| if *status == Status::Success { else_ } else { Level::Warn };
        Some(match self {
            Self::InitStart { .. } | Self::Start { .. } | Self::Subscription { .. } => Level::Info,
            Self::InitRuntimeDone { status, .. } | Self::RuntimeDone { status, .. } => by(status, Level::Debug),
            Self::InitReport { status, beginning, .. } => match beginning.kind {
                Initialization::OnDemand => by(status, Level::Debug),
                Initialization::Provisioned => by(status, Level::Info),
            },
            Self::Report { status, .. } => by(status, Level::Info),
            Self::Extension { error, .. } => error.map_or(Level::Info, |_| Level::Warn),
            Self::Fault { .. } | Self::Dropped { .. } => Level::Warn,
            Self::End { .. } => return None,
        })
    }

    pub(crate) fn record(&self) -> Value {
        match self {
            Self::Fault { id, failure } => format!("{}\n{}", failure.message(id), failure.kind()).into(),
            Self::End { id } => json!({ "requestId": id }),
            Self::Extension { name, state, events, error } => {
                let mut record = Map::from_iter([("name", json!(name)), ("state", json!(state))].map(named));
                record.insert("events".to_owned(), json!(events));
                record.extend(error.map(|error| ("errorType".to_owned(), json!(error))));
                record.into()
            }
            Self::Subscription { name, types, .. } => json!({ "name": name, "state": "Subscribed", "types": types }),
            Self::Dropped { bytes, budget } => json!({
                "droppedBytes": bytes,
                "droppedRecords": 1,
                "reason": format!("One invocation may log {budget} bytes."),
            }),
            Self::InitStart { .. } | Self::InitRuntimeDone { .. } | Self::InitReport { .. } => self.of_start(),
            Self::Start { .. } | Self::RuntimeDone { .. } | Self::Report { .. } => self.of_call(),
        }
    }

    fn of_start(&self) -> Value {
        let mut record = Map::new();
        let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
        match self {
            Self::InitStart { version, beginning, spec, .. } => {
                put("phase", beginning.phase().into());
                put("initializationType", beginning.kind.as_str().into());
                put("runtimeVersion", (*version).into());
                put("functionName", spec.name.as_str().into());
                put("functionVersion", spec.version.as_str().into());
                put("instanceMaxMemory", (u64::from(spec.memory_mb) << 20).into());
            }
            Self::InitRuntimeDone { beginning, status } => {
                put("phase", beginning.phase().into());
                put("initializationType", beginning.kind.as_str().into());
                status.put(&mut record);
            }
            Self::InitReport { beginning, took, status } => {
                put("phase", beginning.phase().into());
                put("initializationType", beginning.kind.as_str().into());
                put("metrics", json!({ "durationMs": rounded(*took) }));
                status.put(&mut record);
            }
            _ => {}
        }
        record.into()
    }

    fn of_call(&self) -> Value {
        let mut record = Map::new();
        let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
        match self {
            Self::Start { id, version, trace } => {
                put("requestId", (*id).into());
                put("version", (*version).into());
                put("tracing", tracing_of(trace));
            }
            Self::RuntimeDone { id, trace, status, took, bytes } => {
                put("requestId", (*id).into());
                put("metrics", json!({ "durationMs": rounded(*took), "producedBytes": bytes }));
                put("tracing", tracing_of(trace));
                status.put(&mut record);
            }
            Self::Report { id, trace, report, status } => {
                put("requestId", (*id).into());
                put("metrics", metrics(report));
                put("tracing", tracing_of(trace));
                status.put(&mut record);
            }
            _ => {}
        }
        record.into()
    }

    /// The lines of a log in text; `None`: it doesn't tell this.
    pub(crate) fn text(&self, now: UnixMillis) -> Option<String> {
        Some(match self {
            Self::InitStart { beginning: Beginning { suppressed: true, .. }, .. } => return None,
            Self::InitStart { version, note, .. } => format::init_start(version, *note),
            Self::InitReport { beginning, took, status } => {
                return format::init_report(*took, beginning.phase(), status);
            }
            Self::Start { id, version, .. } => format::start(id, version),
            Self::Fault { id, failure } => return format::verdict(failure, id, now),
            Self::End { id } => format::end(id),
            Self::Report { id, report, .. } => format::report(id, report),
            Self::Extension { name, state, events, error } => {
                let error = error.map(|error| format!("\tError Type: {error}")).unwrap_or_default();
                format!("EXTENSION\tName: {name}\tState: {state}\tEvents: [{}]{error}\n", events.join(", "))
            }
            Self::Subscription { name, types, logs } => {
                let api = if *logs { "LOGS" } else { "TELEMETRY" };
                let types: Vec<_> = types.iter().map(|kind| format::capitalized(kind)).collect();
                format!("{api}\tName: {name}\tState: Subscribed\tTypes: [{}]\n", types.join(", "))
            }
            Self::Dropped { bytes, budget } => {
                format!("updraft: {bytes} bytes of output were dropped; one invocation may log {budget} bytes\n")
            }
            Self::InitRuntimeDone { .. } | Self::RuntimeDone { .. } => return None,
        })
    }

    /// The line of a log in JSON that keeps what is at least of this level.
    pub(crate) fn json(&self, least: Level, now: UnixMillis) -> Option<String> {
        (self.level()? >= least).then(|| self.whole(now) + "\n")
    }

    /// The object that telemetry and logs in JSON show.
    pub(crate) fn whole(&self, now: UnixMillis) -> String {
        object(now, self.name(), &self.record())
    }
}

/// One record, as logs in JSON and telemetry write it.
pub(crate) fn object(at: UnixMillis, kind: &str, record: &Value) -> String {
    format!(r#"{{"time":"{}","type":"{kind}","record":{record}}}"#, format::timestamp(at))
}

fn named((name, value): (&str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

fn rounded(span: Duration) -> f64 {
    (millis(span) * 1000.0).round() / 1000.0
}

fn tracing_of(trace: &str) -> Value {
    json!({ "type": "X-Amzn-Trace-Id", "value": trace })
}

fn metrics(report: &Report<'_>) -> Value {
    let mut metrics = Map::from_iter(
        [
            ("durationMs", json!(rounded(report.duration))),
            ("billedDurationMs", json!(report.billed())),
            ("memorySizeMB", json!(report.memory_mb)),
            ("maxMemoryUsedMB", json!(report.peak_mb())),
        ]
        .map(named),
    );
    metrics.extend(report.init.map(|init| named(("initDurationMs", json!(rounded(init))))));
    metrics.into()
}
