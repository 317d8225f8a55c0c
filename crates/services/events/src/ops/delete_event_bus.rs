//! `DeleteEventBus`: of one without rules.

use updraft_api_events::types::{DeleteEventBusInput, DeleteEventBusOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt};

use crate::errors::validation;
use crate::keys::{BusKey, GenerationKey, RuleKey};
use crate::model::name::BusId;
use crate::{EventBridge, access};

pub(crate) async fn delete_event_bus(
    svc: &EventBridge,
    cx: &Ctx,
    input: DeleteEventBusInput,
) -> Result<DeleteEventBusOutput, AwsError> {
    let id = BusId::given(cx, Some(&input.name));
    if id.is_default() {
        return Err(validation("Cannot delete event bus default."));
    }
    let mut tx = svc.parts.store.write().await?;
    access::bus(&mut tx, cx, &id).await?;
    let rules = tx.rows::<RuleKey<'_>>(RuleKey::starting(&id, ""), ScanOptions::limit(1)).await?;
    if !rules.rows.is_empty() {
        return Err(validation("EventBus can't be deleted since it has rules."));
    }
    tx.delete_row(&BusKey(&id));
    tx.delete_row(&GenerationKey(&id));
    tx.commit().await?;
    Ok(DeleteEventBusOutput {})
}
