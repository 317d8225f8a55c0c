//! `UpdateStateMachine`: executions that run go on with what they began with.

use updraft_api_states::types::{UpdateStateMachineInput, UpdateStateMachineOutput};
use updraft_asl::read;
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::{invalid_definition, nothing_to_update};
use crate::keys::{MachineKey, RevisionKey};
use crate::model::machine::{Revision, Settings};
use crate::model::name::MachineId;
use crate::table;

pub(crate) async fn update_state_machine(
    svc: &StepFunctions,
    cx: &Ctx,
    input: UpdateStateMachineInput,
) -> Result<UpdateStateMachineOutput, AwsError> {
    super::no_versions(input.publish)?;
    let (id, now) = (MachineId::of_arn(cx, &input.state_machine_arn)?, cx.now());
    let (logging, tracing) = (input.logging_configuration, input.tracing_configuration);
    let encryption = input.encryption_configuration;
    let configured = logging.is_some() || tracing.is_some() || encryption.is_some();
    if input.definition.is_none() && input.role_arn.is_none() && !configured {
        return Err(nothing_to_update());
    }
    let mut tx = svc.parts.store.write().await?;
    let mut machine = table::machine(&mut tx, &id).await?;
    if let Some(definition) = &input.definition {
        read::definition(definition, machine.workflow()).map_err(|wrong| invalid_definition(&wrong))?;
    }
    let given = Settings::of(logging, tracing.as_ref(), encryption);
    machine.settings = Settings {
        logging: given.logging.or(machine.settings.logging),
        tracing: if tracing.is_some() { given.tracing } else { machine.settings.tracing },
        encryption: given.encryption.or(machine.settings.encryption),
    };
    let before = table::revision(&mut tx, &id, machine.revision).await?;
    let revision = Revision {
        definition: input.definition.unwrap_or(before.definition),
        role: input.role_arn.unwrap_or(before.role),
        id: cx.rng.uuid(),
        since: now,
    };
    (machine.revision, machine.updated) = (machine.revision + 1, now);
    tx.put_row(&RevisionKey(&id, machine.revision), &revision)?;
    tx.put_row(&MachineKey(&id), &machine)?;
    tx.commit().await?;
    let revision_id = Some(revision.id);
    Ok(UpdateStateMachineOutput { update_date: now, revision_id, state_machine_version_arn: None })
}
