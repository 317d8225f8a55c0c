//! `StartSyncExecution`: of Express state machines; answers when the execution has ended.

use updraft_api_states::types::{
    BillingDetails, CloudWatchEventsExecutionDataDetails as Details, IncludedData, StartSyncExecutionInput,
    StartSyncExecutionOutput, SyncExecutionStatus,
};
use updraft_asl::run::{Ending, Facts, timestamp};
use updraft_kernel::{AwsError, Ctx, RngExt, UnixMillis};
use updraft_store::StoreExt;

use super::inputs;
use crate::StepFunctions;
use crate::errors::type_not_supported;
use crate::model::billing;
use crate::model::name::{ExecutionId, MachineId};
use crate::run::in_memory::{self, Job};
use crate::table;

pub(crate) async fn start_sync_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: StartSyncExecutionInput,
) -> Result<StartSyncExecutionOutput, AwsError> {
    let (machine, qualifier) = MachineId::of_any(cx, &input.state_machine_arn)?;
    let given = inputs::checked(input.input)?;
    let name = input.name.unwrap_or_else(|| cx.rng.uuid());
    let id = ExecutionId::express(machine, &name, &cx.rng.uuid())?;
    let job = job(svc, cx, (id, qualifier)).await?;
    let (ending, stopped) = in_memory::execute(svc, &job, given.clone(), |_| {}).await?;
    let (status, error, cause, output) = told(ending);
    let sizes = given.len() + output.as_ref().map_or(0, String::len);
    let included = input.included_data != Some(IncludedData::MetadataOnly);
    let details = || Some(Details { included: Some(included) });
    Ok(StartSyncExecutionOutput {
        execution_arn: job.id.arn().to_string(),
        state_machine_arn: Some(job.id.machine.arn().to_string()),
        name: Some(name),
        start_date: job.started,
        stop_date: stopped,
        status,
        error,
        cause,
        input: included.then_some(given),
        input_details: details(),
        output: output.filter(|_| included),
        output_details: details(),
        trace_header: input.trace_header,
        billing_details: Some(BillingDetails {
            billed_memory_used_in_mb: Some(billing::megabytes(sizes)),
            billed_duration_in_milliseconds: Some(billing::milliseconds(stopped.since(job.started))),
        }),
    })
}

async fn job(
    svc: &StepFunctions,
    cx: &Ctx,
    (id, qualifier): (ExecutionId, crate::model::name::Qualifier),
) -> Result<Job, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let machine = table::chosen(&mut tx, &*cx.rng, (&id.machine, qualifier)).await?.machine;
    if !machine.express {
        return Err(type_not_supported());
    }
    let revision = table::revision(&mut tx, &id.machine, machine.revision).await?;
    let definition = svc.definitions.get(&id.machine, machine.revision, &revision)?;
    let started: UnixMillis = cx.now();
    let facts = Facts {
        execution: id.arn().to_string(),
        name: id.given().to_owned(),
        role: revision.role,
        started: timestamp(started.0),
        machine: id.machine.arn().to_string(),
        machine_name: id.machine.name.clone(),
        express: true,
        synchronous: true,
        region: id.machine.region.to_string(),
        ..Facts::default()
    };
    Ok(Job { id, definition, facts, started })
}

type Told = (SyncExecutionStatus, Option<String>, Option<String>, Option<String>);

fn told(ending: Ending) -> Told {
    match ending {
        Ending::Succeeded(output) => (SyncExecutionStatus::Succeeded, None, None, Some(output.to_string())),
        Ending::TimedOut { error, cause } => (SyncExecutionStatus::TimedOut, error, cause, None),
        Ending::Failed { error, cause } | Ending::Aborted { error, cause } => {
            (SyncExecutionStatus::Failed, error, cause, None)
        }
    }
}
