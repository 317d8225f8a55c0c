//! `StartSyncExecution`: of Express state machines; answers when the execution has ended.

use updraft_api_states::types::{
    BillingDetails, CloudWatchEventsExecutionDataDetails as Details, IncludedData, StartSyncExecutionInput,
    StartSyncExecutionOutput, SyncExecutionStatus,
};
use updraft_asl::run::{Event, Facts};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::inputs;
use crate::StepFunctions;
use crate::errors::type_not_supported;
use crate::mocks::case;
use crate::model::billing;
use crate::model::execution::{End, How};
use crate::model::logging::Logging;
use crate::model::name::{ExecutionId, MachineId, Qualifier};
use crate::run::fits::fits;
use crate::run::in_memory::{self, Job};
use crate::run::{facts, logging, status};
use crate::table;

pub(crate) async fn start_sync_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: StartSyncExecutionInput,
) -> Result<StartSyncExecutionOutput, AwsError> {
    let (arn, case) = case::split(svc, &input.state_machine_arn);
    let (machine, qualifier) = MachineId::of_any(cx, arn)?;
    case::check(svc, &machine, case)?;
    let given = inputs::checked(input.input)?;
    let name = input.name.unwrap_or_else(|| cx.rng.uuid());
    let id = ExecutionId::express(machine, &name, &cx.rng.uuid())?;
    let (job, logged) = job(svc, cx, (id, qualifier)).await?;
    let job = Job { case: case.map(str::to_owned), ..job };
    let log = |events: &[Event]| {
        if let Some(logging) = &logged {
            logging::write(svc, logging, (&job.id, job.started), events);
        }
    };
    status::measure(svc, &job.id.machine, job.started, None);
    let (ending, stopped) = in_memory::execute(svc, &job, given.clone(), log).await?;
    let end = End::of(ending, stopped);
    let took = stopped.since(job.started);
    let counted = (end.how, i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
    status::measure(svc, &job.id.machine, stopped, Some(counted));
    let sizes = given.len() + end.output.as_ref().map_or(0, String::len);
    let included = input.included_data != Some(IncludedData::MetadataOnly);
    let details = || Some(Details { included: Some(included) });
    Ok(StartSyncExecutionOutput {
        execution_arn: job.id.arn().to_string(),
        state_machine_arn: Some(job.id.machine.arn().to_string()),
        name: Some(name),
        start_date: job.started,
        stop_date: stopped,
        status: status_of(end.how),
        error: end.error,
        cause: end.cause,
        input: included.then_some(given),
        input_details: details(),
        output: end.output.filter(|_| included),
        output_details: details(),
        trace_header: input.trace_header,
        billing_details: Some(BillingDetails {
            billed_memory_used_in_mb: Some(billing::megabytes(sizes)),
            billed_duration_in_milliseconds: Some(billing::milliseconds(took)),
        }),
    })
}

async fn job(
    svc: &StepFunctions,
    cx: &Ctx,
    (id, qualifier): (ExecutionId, Qualifier),
) -> Result<(Job, Option<Logging>), AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let machine = table::chosen(&mut tx, &*cx.rng, (&id.machine, qualifier)).await?.machine;
    if !machine.express {
        return Err(type_not_supported());
    }
    let revision = table::revision(&mut tx, &id.machine, machine.revision).await?;
    let definition = svc.definitions.get(&id.machine, machine.revision, &revision)?;
    let logged = revision.settings.as_ref().and_then(|settings| Logging::of(settings.logging()));
    let started = cx.now();
    let facts = Facts { synchronous: true, fits: fits(svc), ..facts(&id, started, &revision) };
    Ok((Job { id, definition, facts, started, case: None }, logged))
}

const fn status_of(how: How) -> SyncExecutionStatus {
    match how {
        How::Succeeded => SyncExecutionStatus::Succeeded,
        How::TimedOut => SyncExecutionStatus::TimedOut,
        How::Failed | How::Aborted => SyncExecutionStatus::Failed,
    }
}
