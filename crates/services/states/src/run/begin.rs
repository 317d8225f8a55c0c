//! The first step.

use updraft_asl::run::{Head, Run, Signal};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::{step, timers};
use crate::StepFunctions;
use crate::keys::{ByStartKey, RevisionKey, Started};
use crate::model::execution::{Execution, Waiter};
use crate::model::machine::Machine;
use crate::model::name::ExecutionId;

/// What an execution is begun with.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) input: String,
    pub(crate) trace: Option<String>,
    pub(crate) waiter: Option<Waiter>,
}

/// Makes an execution and takes its first step. There is none of that name.
pub(crate) async fn begin(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    machine: &Machine,
    beginning: Beginning,
) -> Result<UnixMillis, AwsError> {
    let started = svc.parts.clock.now();
    let Beginning { input, trace, waiter } = beginning;
    let (revision, head) = (machine.revision, Head::default());
    let execution = Execution { revision, input: input.clone(), trace, started, head, end: None, waiter };
    tx.put_row(&ByStartKey(id, started), &Started)?;
    if let Some(kept) = tx.row(&RevisionKey(&id.machine, revision)).await? {
        let definition = svc.definitions.get(&id.machine, revision, &kept)?;
        if let Some(seconds) = definition.timeout {
            timers::overdue(svc, tx, id, started, seconds).await?;
        }
    }
    step::take(svc, tx, id, (execution, Run::default()), Signal::Start(input)).await?;
    Ok(started)
}
