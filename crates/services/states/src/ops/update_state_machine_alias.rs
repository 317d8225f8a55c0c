//! `UpdateStateMachineAlias`.

use updraft_api_states::types::{UpdateStateMachineAliasInput, UpdateStateMachineAliasOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::aliases::{all_there, existing, named, routes};
use crate::StepFunctions;
use crate::errors::{invalid, no_such_reference};
use crate::keys::AliasKey;

pub(crate) async fn update_state_machine_alias(
    svc: &StepFunctions,
    cx: &Ctx,
    input: UpdateStateMachineAliasInput,
) -> Result<UpdateStateMachineAliasOutput, AwsError> {
    let (id, name) = named(cx, &input.state_machine_alias_arn)?;
    if input.description.is_none() && input.routing_configuration.is_none() {
        return Err(invalid("Either the description or the routing configuration must be specified"));
    }
    let mut tx = svc.parts.store.write().await?;
    let mut alias = existing(&mut tx, (&id, &name)).await?;
    if let Some(items) = input.routing_configuration {
        let (of, routes) = routes(cx, &items)?;
        if of != id {
            return Err(no_such_reference());
        }
        all_there(&mut tx, &id, &routes).await?;
        alias.routes = routes;
    }
    alias.description = input.description.or(alias.description);
    alias.updated = cx.now();
    tx.put_row(&AliasKey(&id, &name), &alias)?;
    tx.commit().await?;
    Ok(UpdateStateMachineAliasOutput { update_date: alias.updated })
}
