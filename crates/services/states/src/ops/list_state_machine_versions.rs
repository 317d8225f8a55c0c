//! `ListStateMachineVersions`: the last that was published comes first.

use updraft_api_states::types::{
    ListStateMachineVersionsInput, ListStateMachineVersionsOutput, StateMachineVersionListItem,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::errors::invalid_token;
use crate::keys::{VersionKey, of_machine_number};
use crate::model::name::MachineId;
use crate::model::paging::{limit, read_token, token};

/// AWS: a state machine that isn't there has none.
pub(crate) async fn list_state_machine_versions(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListStateMachineVersionsInput,
) -> Result<ListStateMachineVersionsOutput, AwsError> {
    let id = MachineId::of_arn(cx, &input.state_machine_arn)?;
    let mut range = VersionKey::of_machine(&id);
    if let Some(given) = input.next_token {
        let last: u64 = read_token(&given)?.parse().map_err(|_| invalid_token())?;
        range = range.before(VersionKey(&id, last).encode());
    }
    let mut options = ScanOptions::limit(limit(input.max_results));
    options.reverse = true;
    let mut tx = svc.parts.store.read().await?;
    let page = tx.rows::<VersionKey<'_>>(range, options).await?;
    let (mut state_machine_versions, mut last) = (Vec::with_capacity(page.rows.len()), 0);
    for (key, version) in &page.rows {
        last = of_machine_number(key)?;
        let state_machine_version_arn = id.qualified(&last.to_string());
        let creation_date = version.created;
        state_machine_versions.push(StateMachineVersionListItem { state_machine_version_arn, creation_date });
    }
    let next_token = page.more.then(|| token(&last.to_string()));
    Ok(ListStateMachineVersionsOutput { state_machine_versions, next_token })
}
