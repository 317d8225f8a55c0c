//! `RemoveTargets`: from a rule. AWS: those that aren't there are gone already.

use updraft_api_events::types::{RemoveTargetsInput, RemoveTargetsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::TargetKey;
use crate::model::name::BusId;
use crate::{EventBridge, access, table};

pub(crate) async fn remove_targets(
    svc: &EventBridge,
    cx: &Ctx,
    input: RemoveTargetsInput,
) -> Result<RemoveTargetsOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.rule);
    let mut tx = svc.parts.store.write().await?;
    access::rule(&mut tx, cx, &id).await?;
    for target in &input.ids {
        tx.delete_row(&TargetKey(&id, target));
    }
    table::changed(&mut tx, &id.bus, &*cx.rng)?;
    tx.commit().await?;
    Ok(RemoveTargetsOutput { failed_entry_count: Some(0), failed_entries: Some(Vec::new()) })
}
