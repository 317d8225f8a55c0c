//! `CreateStateMachineAlias`.

use updraft_api_states::types::{CreateStateMachineAliasInput, CreateStateMachineAliasOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::aliases::{all_there, routes};
use crate::StepFunctions;
use crate::errors::{alias_exists, too_many};
use crate::keys::AliasKey;
use crate::model::version::Alias;
use crate::table::{self, MOST_ALIASES};

pub(crate) async fn create_state_machine_alias(
    svc: &StepFunctions,
    cx: &Ctx,
    input: CreateStateMachineAliasInput,
) -> Result<CreateStateMachineAliasOutput, AwsError> {
    let (id, routes) = routes(cx, &input.routing_configuration)?;
    let state_machine_alias_arn = id.qualified(&input.name);
    let (key, now) = (AliasKey(&id, &input.name), cx.now());
    let alias = Alias { description: input.description, routes, created: now, updated: now };
    let mut tx = svc.parts.store.write().await?;
    all_there(&mut tx, &id, &alias.routes).await?;
    if let Some(there) = tx.row(&key).await? {
        // AWS: the same again is no error.
        let same = there.description == alias.description && there.routes == alias.routes;
        let creation_date = there.created;
        let again = CreateStateMachineAliasOutput { state_machine_alias_arn, creation_date };
        return if same { Ok(again) } else { Err(alias_exists()) };
    }
    if table::aliases(&mut tx, &id).await?.len() >= MOST_ALIASES {
        return Err(too_many("aliases", MOST_ALIASES));
    }
    tx.put_row(&key, &alias)?;
    tx.commit().await?;
    Ok(CreateStateMachineAliasOutput { state_machine_alias_arn, creation_date: now })
}
