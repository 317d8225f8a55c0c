//! `ListStateMachines`: by name.

use updraft_api_states::types::{ListStateMachinesInput, ListStateMachinesOutput, StateMachineListItem};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::keys::{MachineKey, machine_name};
use crate::model::name::MachineId;
use crate::model::paging::{limit, read_token, token};

pub(crate) async fn list_state_machines(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListStateMachinesInput,
) -> Result<ListStateMachinesOutput, AwsError> {
    let mut range = MachineKey::all(&cx.account, &cx.region);
    if let Some(given) = input.next_token {
        range = range.after(&MachineKey(&MachineId::of(cx, &read_token(&given)?)?).encode());
    }
    let mut tx = svc.parts.store.read().await?;
    let page = tx.rows::<MachineKey<'_>>(range, ScanOptions::limit(limit(input.max_results))).await?;
    let (mut state_machines, mut last) = (Vec::with_capacity(page.rows.len()), String::new());
    for (key, machine) in &page.rows {
        last = machine_name(key)?;
        let id = MachineId::of(cx, &last)?;
        state_machines.push(StateMachineListItem {
            state_machine_arn: id.arn().to_string(),
            name: id.name,
            r#type: machine.kind(),
            creation_date: machine.created,
        });
    }
    let next_token = page.more.then(|| token(&last));
    Ok(ListStateMachinesOutput { state_machines, next_token })
}
