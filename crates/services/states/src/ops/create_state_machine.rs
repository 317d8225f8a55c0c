//! `CreateStateMachine`.

use std::collections::BTreeMap;

use updraft_api_states::types::{CreateStateMachineInput, CreateStateMachineOutput, StateMachineType};
use updraft_asl::read;
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use super::{logging, tags, versions};
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
    let publish = versions::to_publish(input.publish, input.version_description.as_ref())?;
    let (id, now) = (MachineId::of(cx, &input.name)?, cx.now());
    let logging = logging::checked(svc, cx, input.logging_configuration).await?;
    let settings = Settings::of(logging, input.tracing_configuration.as_ref(), input.encryption_configuration);
    let express = input.r#type == Some(StateMachineType::Express);
    let tags = tags::joined(BTreeMap::new(), input.tags.unwrap_or_default())?;
    let machine = Machine { express, created: now, updated: now, revision: 0, settings, tags };
    read::definition(&input.definition, machine.workflow()).map_err(|wrong| invalid_definition(&wrong))?;
    let mut tx = svc.parts.store.write().await?;
    let kept = match tx.row(&MachineKey(&id)).await? {
        Some(there) => same(&mut tx, &id, (there, &machine), &input.definition).await?,
        None => {
            let revision = Revision {
                definition: input.definition,
                role: input.role_arn,
                id: Revision::first(&cx.rng.uuid()),
                since: now,
                settings: Some(machine.settings.clone()),
            };
            let machine = Machine { revision: table::first_revision(&mut tx, &id).await?, ..machine };
            tx.put_row(&MachineKey(&id), &machine)?;
            tx.put_row(&RevisionKey(&id, machine.revision), &revision)?;
            machine
        }
    };
    let mut version = None;
    if publish {
        let what = (input.version_description, now);
        version = Some(versions::publish(&mut tx, &id, kept.revision, what).await?.0);
    }
    tx.commit().await?;
    Ok(CreateStateMachineOutput {
        state_machine_arn: id.arn().to_string(),
        creation_date: kept.created,
        state_machine_version_arn: version.map(|number| id.qualified(&number.to_string())),
    })
}

/// AWS: the same again is no error, whatever its role and its tags.
async fn same(
    tx: &mut Tx,
    id: &MachineId,
    (there, given): (Machine, &Machine),
    definition: &str,
) -> Result<Machine, AwsError> {
    let revision = table::revision(tx, id, there.revision).await?;
    let same = revision.definition == definition && there.express == given.express && there.settings == given.settings;
    if same { Ok(there) } else { Err(machine_exists(&id.arn().to_string())) }
}
