//! `UpdateStateMachine`: executions that run go on with what they began with.

use updraft_api_states::types::{UpdateStateMachineInput, UpdateStateMachineOutput};
use updraft_asl::read;
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::{logging, versions};
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
    let publish = versions::to_publish(input.publish, input.version_description.as_ref())?;
    let (id, now) = (MachineId::of_arn(cx, &input.state_machine_arn)?, cx.now());
    let logging = logging::checked(svc, cx, input.logging_configuration).await?;
    let tracing = input.tracing_configuration;
    let encryption = input.encryption_configuration;
    let configured = logging.is_some() || tracing.is_some() || encryption.is_some();
    if input.definition.is_none() && input.role_arn.is_none() && !configured && !publish {
        return Err(nothing_to_update());
    }
    let mut tx = svc.parts.store.write().await?;
    let mut machine = table::machine(&mut tx, &id).await?;
    if let Some(definition) = &input.definition {
        read::definition(definition, machine.workflow()).map_err(|wrong| invalid_definition(&wrong))?;
    }
    let settings = machine.settings.clone();
    let given = Settings::of(logging, tracing.as_ref(), encryption);
    machine.settings = Settings {
        logging: given.logging.or(machine.settings.logging),
        tracing: if tracing.is_some() { given.tracing } else { machine.settings.tracing },
        encryption: given.encryption.or(machine.settings.encryption),
    };
    let before = table::revision(&mut tx, &id, machine.revision).await?;
    let before = Revision { settings: Some(before.settings.unwrap_or(settings)), ..before };
    let mut revision = Revision {
        definition: input.definition.unwrap_or_else(|| before.definition.clone()),
        role: input.role_arn.unwrap_or_else(|| before.role.clone()),
        settings: Some(machine.settings.clone()),
        ..before.clone()
    };
    // AWS: what changes nothing makes no revision.
    if revision != before {
        (revision.id, revision.since) = (cx.rng.uuid(), now);
        (machine.revision, machine.updated) = (machine.revision + 1, now);
        tx.put_row(&RevisionKey(&id, machine.revision), &revision)?;
        tx.put_row(&MachineKey(&id), &machine)?;
    }
    let mut version = None;
    if publish {
        let what = (input.version_description, now);
        version = Some(versions::publish(&mut tx, &id, machine.revision, what).await?.0);
    }
    tx.commit().await?;
    Ok(UpdateStateMachineOutput {
        update_date: now,
        revision_id: revision.shown(machine.revision),
        state_machine_version_arn: version.map(|number| id.qualified(&number.to_string())),
    })
}
