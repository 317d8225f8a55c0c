//! `StartExecution`.

use updraft_api_states::types::{StartExecutionInput, StartExecutionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::{execution_exists, express_is_not_run, invalid_input};
use crate::keys::ExecutionKey;
use crate::model::name::{ExecutionId, MachineId};
use crate::run::begin::{self, Beginning};
use crate::table;

/// The most bytes that an input may have.
const LARGEST: usize = 262_144;

pub(crate) async fn start_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: StartExecutionInput,
) -> Result<StartExecutionOutput, AwsError> {
    let machine_id = MachineId::of_arn(cx, &input.state_machine_arn)?;
    let given = input.input.unwrap_or_else(|| "{}".to_owned());
    serde_json::from_str::<serde::de::IgnoredAny>(&given).map_err(invalid_input)?;
    if given.len() > LARGEST {
        return Err(invalid_input(format_args!("the input is larger than {LARGEST} bytes")));
    }
    let name = input.name.unwrap_or_else(|| cx.rng.uuid());
    let id = ExecutionId::of(machine_id, &name)?;
    let execution_arn = id.arn().to_string();
    let mut tx = svc.parts.store.write().await?;
    let machine = table::machine(&mut tx, &id.machine).await?;
    if machine.express {
        return Err(express_is_not_run());
    }
    if let Some(there) = tx.row(&ExecutionKey(&id)).await? {
        // AWS: the same again while it runs is no error.
        let same = there.end.is_none() && there.input == given;
        let again = StartExecutionOutput { start_date: there.started, execution_arn: execution_arn.clone() };
        return if same { Ok(again) } else { Err(execution_exists(&execution_arn)) };
    }
    let beginning = Beginning { input: given, trace: input.trace_header, waiter: None };
    let start_date = begin::begin(svc, &mut tx, &id, &machine, beginning).await?;
    tx.commit().await?;
    Ok(StartExecutionOutput { execution_arn, start_date })
}
