//! `PublishStateMachineVersion`.

use updraft_api_states::types::{PublishStateMachineVersionInput, PublishStateMachineVersionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::versions;
use crate::StepFunctions;
use crate::errors::another_revision;
use crate::model::name::MachineId;
use crate::table;

/// How a revision without an id is asked for.
const INITIAL: &str = "INITIAL";

pub(crate) async fn publish_state_machine_version(
    svc: &StepFunctions,
    cx: &Ctx,
    input: PublishStateMachineVersionInput,
) -> Result<PublishStateMachineVersionOutput, AwsError> {
    let id = MachineId::of_arn(cx, &input.state_machine_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let machine = table::machine(&mut tx, &id).await?;
    if let Some(wanted) = input.revision_id {
        let current = table::revision(&mut tx, &id, machine.revision).await?.shown(machine.revision);
        let current = current.as_deref().unwrap_or(INITIAL);
        if wanted != current {
            return Err(another_revision(&wanted, current));
        }
    }
    let what = (input.description, cx.now());
    let (number, creation_date) = versions::publish(&mut tx, &id, machine.revision, what).await?;
    tx.commit().await?;
    let state_machine_version_arn = id.qualified(&number.to_string());
    Ok(PublishStateMachineVersionOutput { creation_date, state_machine_version_arn })
}
