//! What `EnableRule` and `DisableRule` share.

use updraft_api_events::types::RuleState;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::RuleKey;
use crate::model::name::RuleId;
use crate::{EventBridge, access, schedule, table};

/// # Errors
/// If there is no such rule.
pub(crate) async fn switch(svc: &EventBridge, cx: &Ctx, id: &RuleId, state: &RuleState) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut rule = access::rule(&mut tx, cx, id).await?;
    rule.state = state.to_string();
    tx.put_row(&RuleKey(id), &rule)?;
    schedule::arm(svc, cx, &mut tx, (id, &rule)).await?;
    table::changed(&mut tx, &id.bus, &*cx.rng)?;
    tx.commit().await?;
    Ok(())
}
