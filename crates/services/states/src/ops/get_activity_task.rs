//! `GetActivityTask`: a worker asks for a task, and waits for one where there is none.

use std::time::Duration;

use futures_util::future::select;
use updraft_api_states::types::{GetActivityTaskInput, GetActivityTaskOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::keys::asked;
use crate::model::name::ActivityId;
use crate::run::activities;
use crate::table;

/// AWS: how long a worker waits before it is answered that there is nothing.
const LONGEST: Duration = Duration::from_secs(60);

/// Other nodes' tasks are learnt of as one's own are; where that was missed, a look is taken after so long.
const UNTOLD: Duration = Duration::from_secs(2);

pub(crate) async fn get_activity_task(
    svc: &StepFunctions,
    cx: &Ctx,
    input: GetActivityTaskInput,
) -> Result<GetActivityTaskOutput, AwsError> {
    let (id, clock) = (ActivityId::of_arn(cx, &input.activity_arn)?, &svc.parts.clock);
    table::activity(&mut svc.parts.store.read().await?, &id).await?;
    let deadline = clock.now().plus(LONGEST);
    loop {
        let mut watch = svc.parts.store.watch(asked(&id));
        if let Some(task) = activities::take(svc, &id, input.worker_name.as_ref()).await? {
            return Ok(GetActivityTaskOutput { task_token: Some(task.token), input: Some(task.input) });
        }
        if clock.now() >= deadline {
            return Ok(GetActivityTaskOutput::default());
        }
        let told = select(Box::pin(watch.changed()), Box::pin(untold(svc)));
        select(told, clock.sleep_until(deadline)).await;
    }
}

/// Completes when it is time to look for what nobody told of.
async fn untold(svc: &StepFunctions) {
    if !svc.parts.store.is_shared() {
        std::future::pending::<()>().await;
    }
    svc.parts.clock.pause(UNTOLD).await;
}
