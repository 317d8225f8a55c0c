//! `CreateStateMachine`.

use std::collections::BTreeMap;

use updraft_api_states::types::{CreateStateMachineInput, CreateStateMachineOutput, StateMachineType};
use updraft_asl::read;
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::tags;
use crate::StepFunctions;
use crate::errors::{invalid_definition, machine_exists};
use crate::keys::{MachineKey, RevisionKey};
use crate::model::machine::{Machine, Revision, Settings};
use crate::model::name::MachineId;
use crate::table;

pub(crate) async fn create_state_machine(
    svc: &StepFunctions,
    cx: &Ctx,
    input: CreateStateMachineInput,
) -> Result<CreateStateMachineOutput, AwsError> {
    super::no_versions(input.publish)?;
    let (id, now) = (MachineId::of(cx, &input.name)?, cx.now());
    let settings =
        Settings::of(input.logging_configuration, input.tracing_configuration.as_ref(), input.encryption_configuration);
    let express = input.r#type == Some(StateMachineType::Express);
    let tags = tags::joined(BTreeMap::new(), input.tags.unwrap_or_default())?;
    let machine = Machine { express, created: now, updated: now, revision: 0, settings, tags };
    read::definition(&input.definition, machine.workflow()).map_err(|wrong| invalid_definition(&wrong))?;
    let mut tx = svc.parts.store.write().await?;
    let state_machine_arn = id.arn().to_string();
    if let Some(there) = tx.row(&MachineKey(&id)).await? {
        let revision = table::revision(&mut tx, &id, there.revision).await?;
        // AWS: the same again is no error.
        let same =
            revision.definition == input.definition && revision.role == input.role_arn && there.express == express;
        return if same {
            let creation_date = there.created;
            Ok(CreateStateMachineOutput { state_machine_arn, creation_date, state_machine_version_arn: None })
        } else {
            Err(machine_exists(&state_machine_arn))
        };
    }
    let revision = Revision { definition: input.definition, role: input.role_arn, id: cx.rng.uuid(), since: now };
    tx.put_row(&MachineKey(&id), &machine)?;
    tx.put_row(&RevisionKey(&id, 0), &revision)?;
    tx.commit().await?;
    Ok(CreateStateMachineOutput { state_machine_arn, creation_date: now, state_machine_version_arn: None })
}
