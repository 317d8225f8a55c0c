//! State machines as what events are sent to: each event starts an execution, with the event for an input.

use std::sync::Arc;

use updraft_kernel::ports::{EventTargetPort, TargetEvent};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Region};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::{express_is_not_run, invalid_arn, invalid_input, no_such_machine};
use crate::keys::{ExecutionKey, MachineKey};
use crate::model::name::{ExecutionId, MachineId};
use crate::run::begin::{self, Beginning};

/// So often is a start tried that another transaction was faster than.
const ATTEMPTS: u32 = 20;

#[derive(Debug)]
struct Target(Arc<StepFunctions>);

impl StepFunctions {
    /// What state machines are to those that send events.
    #[must_use]
    pub fn event_target(self: &Arc<Self>) -> Arc<dyn EventTargetPort> {
        Arc::new(Target(Arc::clone(self)))
    }

    async fn started_by(&self, event: &TargetEvent) -> Result<(), AwsError> {
        // AWS: an execution that a rule starts has the event's id for a name; by it a repetition is told.
        let id = ExecutionId::of(machine(&event.target)?, &event.id)?;
        let input = String::from_utf8(event.body.to_vec()).map_err(invalid_input)?;
        serde_json::from_str::<serde::de::IgnoredAny>(&input).map_err(invalid_input)?;
        let mut tx = self.parts.store.write().await?;
        if tx.row(&ExecutionKey(&id)).await?.is_some() {
            return Ok(());
        }
        let kept = tx.row(&MachineKey(&id.machine)).await?;
        let kept = kept.ok_or_else(|| no_such_machine(&event.target.to_string()))?;
        if kept.express {
            return Err(express_is_not_run());
        }
        let beginning = Beginning { input, trace: event.trace.clone(), waiter: None };
        begin::begin(self, &mut tx, &id, &kept, beginning).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn machine(arn: &Arn) -> Result<MachineId, AwsError> {
    let wrong = || invalid_arn(&arn.to_string());
    let name = arn.resource.strip_prefix("stateMachine:").ok_or_else(wrong)?;
    let account = AccountId::parse(&arn.account).map_err(|_| wrong())?;
    let region = Region::parse(&arn.region).map_err(|_| wrong())?;
    Ok(MachineId { account, region, name: name.to_owned() })
}

impl EventTargetPort for Target {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let Ok(id) = machine(target) else { return Ok(false) };
            let mut tx = self.0.parts.store.read().await?;
            Ok(tx.row(&MachineKey(&id)).await?.is_some())
        })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let mut attempt = 0;
            loop {
                match self.0.started_by(&event).await {
                    Err(error) if error.is_conflict() && attempt < ATTEMPTS => attempt += 1,
                    done => return done,
                }
            }
        })
    }
}
