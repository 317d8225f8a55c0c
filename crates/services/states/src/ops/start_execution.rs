//! `StartExecution`.

use updraft_api_states::types::{StartExecutionInput, StartExecutionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::inputs;
use crate::StepFunctions;
use crate::errors::execution_exists;
use crate::keys::ExecutionKey;
use crate::mocks::case;
use crate::model::name::{ExecutionId, MachineId};
use crate::run::begin::{self, Beginning};
use crate::table::{self, Chosen};

pub(crate) async fn start_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: StartExecutionInput,
) -> Result<StartExecutionOutput, AwsError> {
    let (arn, case) = case::split(svc, &input.state_machine_arn);
    let (machine_id, qualifier) = MachineId::of_any(cx, arn)?;
    case::check(svc, &machine_id, case)?;
    let given = inputs::checked(input.input)?;
    let name = input.name.unwrap_or_else(|| cx.rng.uuid());
    let mut tx = svc.parts.store.write().await?;
    let Chosen { machine, origin } = table::chosen(&mut tx, &*cx.rng, (&machine_id, qualifier)).await?;
    let id = if machine.express {
        ExecutionId::express(machine_id, &name, &cx.rng.uuid())?
    } else {
        ExecutionId::of(machine_id, &name)?
    };
    let execution_arn = id.arn().to_string();
    if let Some(there) = tx.row(&ExecutionKey(&id)).await? {
        // AWS: the same again while it runs is no error.
        let same = there.end.is_none() && there.input == given;
        let again = StartExecutionOutput { start_date: there.started, execution_arn: execution_arn.clone() };
        return if same { Ok(again) } else { Err(execution_exists(&execution_arn)) };
    }
    if !machine.express {
        table::keep_origin(&mut tx, &id, origin.as_ref())?;
    }
    case::keep(&mut tx, &id, case)?;
    let beginning = Beginning { input: given, trace: input.trace_header, waiter: None };
    let start_date = begin::begin(svc, &mut tx, &id, &machine, beginning).await?;
    tx.commit().await?;
    Ok(StartExecutionOutput { execution_arn, start_date })
}
