//! What is logged of executions: of those that are kept, in the order of their steps, however often one is tried.

use updraft_asl::run::Event;
use updraft_kernel::ports::{LogBatch, LogLine};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::work::{self, Lines, Work};
use crate::StepFunctions;
use crate::model::logging::{Logging, stream};
use crate::model::machine::Revision;
use crate::model::name::ExecutionId;

/// With the step's transaction.
pub(super) async fn enqueue(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, started, redrives): (&ExecutionId, UnixMillis, u32),
    revision: &Revision,
    events: &[Event],
) -> Result<(), AwsError> {
    let Some(logging) = revision.settings.as_ref().and_then(|settings| Logging::of(settings.logging())) else {
        return Ok(());
    };
    let Some(lines) = lines(&logging, (id, started, redrives), events) else { return Ok(()) };
    let first = events.first().map_or(0, |event| event.id);
    let name = format!("states/{}/log/{first}", id.arn());
    work::enqueue_in_order(svc, tx, (name, id.arn().to_string()), &Work::Log(lines)).await
}

/// At once, for what isn't kept.
pub(crate) fn write(
    svc: &StepFunctions,
    logging: &Logging,
    (id, started): (&ExecutionId, UnixMillis),
    events: &[Event],
) {
    if let Some(lines) = lines(logging, (id, started, 0), events) {
        svc.parts.logs.append(lines.batch());
    }
}

fn lines(
    logging: &Logging,
    (id, started, redrives): (&ExecutionId, UnixMillis, u32),
    events: &[Event],
) -> Option<Lines> {
    let records = logging.records((&id.arn().to_string(), redrives), events);
    let group = logging.group.clone();
    let lines = records.into_iter().map(|(at, text)| (at.0, text)).collect::<Vec<_>>();
    let stream = stream(&id.machine, started);
    let (account, region, group) = (group.account, group.region, group.name);
    (!lines.is_empty()).then_some(Lines { account, region, group, stream, lines })
}

impl Lines {
    pub(super) fn batch(self) -> LogBatch {
        let line = |(at, message)| LogLine { at: UnixMillis(at), message };
        LogBatch {
            account: self.account,
            region: self.region,
            group: self.group,
            stream: self.stream,
            lines: self.lines.into_iter().map(line).collect(),
        }
    }
}
