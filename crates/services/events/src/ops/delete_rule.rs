//! `DeleteRule`: of one without targets. AWS: one that isn't there is gone already.

use updraft_api_events::types::{DeleteRuleInput, DeleteRuleOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt};

use crate::errors::validation;
use crate::keys::{RuleKey, TargetKey};
use crate::model::name::BusId;
use crate::{EventBridge, access, schedule, table};

pub(crate) async fn delete_rule(
    svc: &EventBridge,
    cx: &Ctx,
    input: DeleteRuleInput,
) -> Result<DeleteRuleOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.name);
    let mut tx = svc.parts.store.write().await?;
    access::bus_of(&mut tx, cx, &id).await?;
    if tx.row(&RuleKey(&id)).await?.is_none() {
        return Ok(DeleteRuleOutput {});
    }
    let targets = tx.rows::<TargetKey<'_>>(TargetKey::of_rule(&id), ScanOptions::limit(1)).await?;
    if !targets.rows.is_empty() {
        return Err(validation("Rule can't be deleted since it has targets."));
    }
    tx.delete_row(&RuleKey(&id));
    schedule::disarm(svc, &mut tx, &id).await?;
    table::changed(&mut tx, &id.bus, &*cx.rng)?;
    tx.commit().await?;
    Ok(DeleteRuleOutput {})
}
