//! State machines as what events are sent to: each event starts an execution, with the event for an input.

use std::sync::Arc;

use updraft_kernel::ports::{EventTargetPort, TargetEvent};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Region, RngExt};
use updraft_store::{StoreExt, Tx};

use crate::StepFunctions;
use crate::errors::{invalid_arn, invalid_input};
use crate::keys::ExecutionKey;
use crate::model::name::{ExecutionId, MachineId, Qualifier};
use crate::run::begin::{self, Beginning};
use crate::table;

#[derive(Debug)]
struct Target(Arc<StepFunctions>);

impl StepFunctions {
    /// What state machines are to those that send events.
    #[must_use]
    pub fn event_target(self: &Arc<Self>) -> Arc<dyn EventTargetPort> {
        Arc::new(Target(Arc::clone(self)))
    }

    async fn started_by(&self, mut tx: Tx, event: &TargetEvent) -> Result<(), AwsError> {
        let (machine, qualifier) = machine(&event.target)?;
        let input = String::from_utf8(event.body.to_vec()).map_err(invalid_input)?;
        serde_json::from_str::<serde::de::IgnoredAny>(&input).map_err(invalid_input)?;
        let chosen = table::chosen(&mut tx, &*self.parts.rng, (&machine, qualifier)).await?;
        let (express, origin) = (chosen.machine.express, chosen.origin);
        // AWS: an execution that a rule starts has the event's id for a name; by it a repetition is told. Express executions
        // leave nothing to tell it by: they may be started twice.
        let id = match express {
            true => ExecutionId::express(machine, &event.id, &self.parts.rng.uuid())?,
            false => ExecutionId::of(machine, &event.id)?,
        };
        if tx.row(&ExecutionKey(&id)).await?.is_some() {
            return Ok(());
        }
        if !express {
            table::keep_origin(&mut tx, &id, origin.as_ref())?;
        }
        let beginning = Beginning { input, trace: event.trace.clone(), waiter: None };
        begin::begin(self, &mut tx, &id, &chosen.machine, beginning).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn machine(arn: &Arn) -> Result<(MachineId, Qualifier), AwsError> {
    let wrong = || invalid_arn(&arn.to_string());
    let name = arn.resource.strip_prefix("stateMachine:").ok_or_else(wrong)?;
    let account = AccountId::parse(&arn.account).map_err(|_| wrong())?;
    let region = Region::parse(&arn.region).map_err(|_| wrong())?;
    let (name, qualifier) = match name.split_once(':') {
        Some((name, qualifier)) => (name, Qualifier::of(qualifier)),
        None => (name, Qualifier::None),
    };
    Ok((MachineId { account, region, name: name.to_owned() }, qualifier))
}

impl EventTargetPort for Target {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let Ok((id, qualifier)) = machine(target) else { return Ok(false) };
            let mut tx = self.0.parts.store.read().await?;
            match table::chosen(&mut tx, &*self.0.parts.rng, (&id, qualifier)).await {
                Ok(_) => Ok(true),
                Err(error) if error.code().status < 500 => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move { updraft_store::run(&*self.0.parts.store, |tx| self.0.started_by(tx, &event)).await })
    }
}
