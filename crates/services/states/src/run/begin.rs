//! The first step.

use updraft_asl::run::{Head, Run, Signal};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::{status, step, timers};
use crate::StepFunctions;
use crate::keys::{ByStartKey, RevisionKey, Started};
use crate::model::execution::{Execution, LONGEST, Waiter};
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
    let execution =
        Execution { revision, input: input.clone(), trace, started, head, end: None, waiter, redriven: false };
    if !id.is_express() {
        tx.put_row(&ByStartKey(id, started), &Started)?;
    }
    if let Some(kept) = tx.row(&RevisionKey(&id.machine, revision)).await? {
        let definition = svc.definitions.get(&id.machine, revision, &kept)?;
        if let Some(seconds) = longest(definition.timeout, id.is_express()) {
            timers::overdue(svc, tx, id, started, seconds).await?;
        }
    }
    status::begun(svc, tx, id).await?;
    step::take(svc, tx, id, (execution, Run::default()), Signal::Start(input)).await?;
    Ok(started)
}

/// AWS: so many seconds may an Express execution take.
const EXPRESS: u64 = 300;

/// How many seconds an execution may take. `None`: as long as any.
pub(crate) fn longest(timeout: Option<u64>, express: bool) -> Option<u64> {
    match (timeout, express) {
        (None, false) => None,
        (timeout, express) => {
            let most = if express { EXPRESS } else { LONGEST.as_secs() };
            Some(timeout.unwrap_or(most).min(most))
        }
    }
}
