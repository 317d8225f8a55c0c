//! `ListStateMachineAliases`: of a state machine, or those that refer to one of its versions.

use updraft_api_states::types::{
    ListStateMachineAliasesInput, ListStateMachineAliasesOutput, StateMachineAliasListItem,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::invalid_arn;
use crate::model::name::{MachineId, Qualifier};
use crate::model::paging::{limit, read_token, token};
use crate::model::version::Alias;
use crate::table;

/// AWS: observed to be by name, where the documentation has the last one first.
pub(crate) async fn list_state_machine_aliases(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListStateMachineAliasesInput,
) -> Result<ListStateMachineAliasesOutput, AwsError> {
    let (id, of) = match MachineId::of_any(cx, &input.state_machine_arn)? {
        (id, Qualifier::None) => (id, None),
        (id, Qualifier::Version(number)) => (id, Some(number)),
        (_, Qualifier::Alias(_)) => return Err(invalid_arn(&input.state_machine_arn)),
    };
    let after = input.next_token.as_deref().map(read_token).transpose()?;
    let mut tx = svc.parts.store.read().await?;
    table::machine(&mut tx, &id).await?;
    if let Some(number) = of {
        table::version(&mut tx, &id, number).await?;
    }
    let refers = |alias: &Alias| of.is_none_or(|number| alias.routes.iter().any(|route| route.version == number));
    let all = table::aliases(&mut tx, &id).await?;
    let mut wanted =
        all.into_iter().filter(|(name, alias)| after.as_ref().is_none_or(|after| name > after) && refers(alias));
    let limit = limit(input.max_results);
    let page: Vec<(String, Alias)> = wanted.by_ref().take(limit).collect();
    let next_token = page.last().filter(|_| wanted.next().is_some()).map(|(name, _)| token(name));
    let item = |(name, alias): (String, Alias)| StateMachineAliasListItem {
        state_machine_alias_arn: id.qualified(&name),
        creation_date: alias.created,
    };
    Ok(ListStateMachineAliasesOutput { state_machine_aliases: page.into_iter().map(item).collect(), next_token })
}
