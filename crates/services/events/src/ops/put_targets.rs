//! `PutTargets`: to a rule, or in the place of those of the same ids.

use updraft_api_events::types::{PutTargetsInput, PutTargetsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::too_many;
use crate::keys::TargetKey;
use crate::model::name::BusId;
use crate::model::target::StoredTarget;
use crate::model::target_check::check;
use crate::{EventBridge, access, table};

/// AWS: to one rule.
const MOST: usize = 5;

pub(crate) async fn put_targets(
    svc: &EventBridge,
    cx: &Ctx,
    input: PutTargetsInput,
) -> Result<PutTargetsOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.rule);
    input.targets.iter().try_for_each(check)?;
    let mut tx = svc.parts.store.write().await?;
    access::rule(&mut tx, cx, &id).await?;
    let there = table::targets(&mut tx, &id).await?;
    let mut ids: Vec<_> = there.iter().chain(&input.targets).map(|target| &target.id).collect();
    ids.sort();
    ids.dedup();
    if ids.len() > MOST {
        return Err(too_many());
    }
    for target in input.targets {
        let target_id = target.id.clone();
        tx.put_row(&TargetKey(&id, &target_id), &StoredTarget::of(target))?;
    }
    table::changed(&mut tx, &id.bus, &*cx.rng)?;
    tx.commit().await?;
    Ok(PutTargetsOutput { failed_entry_count: Some(0), failed_entries: Some(Vec::new()) })
}
