//! What is logged of executions: of those that are kept, when a step is; in the order of the steps, however often one is
//! tried.

use std::sync::Arc;

use updraft_asl::run::Event;
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{LogBatch, LogLine};
use updraft_store::Tx;

use crate::StepFunctions;
use crate::model::logging::{Logging, stream};
use crate::model::machine::Revision;
use crate::model::name::ExecutionId;

/// Once the step's transaction has committed. `of`: when the execution began, and how often it was redriven.
pub(super) fn log(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, started, redrives): (&ExecutionId, UnixMillis, u32),
    revision: &Revision,
    events: &[Event],
) {
    let logging = revision.settings.as_ref().and_then(|settings| Logging::of(settings.logging()));
    if let Some(batch) = logging.and_then(|logging| batch(&logging, (id, started, redrives), events)) {
        let logs = Arc::clone(&svc.parts.logs);
        tx.when_committed(move || logs.append(batch));
    }
}

/// At once, for what isn't kept.
pub(crate) fn write(
    svc: &StepFunctions,
    logging: &Logging,
    (id, started): (&ExecutionId, UnixMillis),
    events: &[Event],
) {
    if let Some(batch) = batch(logging, (id, started, 0), events) {
        svc.parts.logs.append(batch);
    }
}

fn batch(
    logging: &Logging,
    (id, started, redrives): (&ExecutionId, UnixMillis, u32),
    events: &[Event],
) -> Option<LogBatch> {
    let records = logging.records((&id.arn().to_string(), redrives), events);
    let lines: Vec<LogLine> = records.into_iter().map(|(at, message)| LogLine { at, message }).collect();
    let group = logging.group.clone();
    (!lines.is_empty()).then(|| LogBatch {
        account: group.account,
        region: group.region,
        group: group.name,
        stream: stream(&id.machine, started),
        lines,
    })
}
