//! `RemovePermission`: a statement less in the bus's policy, or none left.

use updraft_api_events::types::{RemovePermissionInput, RemovePermissionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{no_policy, no_such_statement};
use crate::keys::BusKey;
use crate::model::name::BusId;
use crate::model::policy;
use crate::{EventBridge, access};

pub(crate) async fn remove_permission(
    svc: &EventBridge,
    cx: &Ctx,
    input: RemovePermissionInput,
) -> Result<RemovePermissionOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref());
    let mut tx = svc.parts.store.write().await?;
    let mut bus = access::bus(&mut tx, cx, &id).await?;
    bus.policy = if input.remove_all_permissions == Some(true) {
        None
    } else {
        let policy = bus.policy.as_deref().ok_or_else(no_policy)?;
        let statement = input.statement_id.as_deref().unwrap_or_default();
        policy::without(Some(policy), statement).ok_or_else(no_such_statement)?
    };
    bus.modified = cx.now();
    tx.put_row(&BusKey(&id), &bus)?;
    tx.commit().await?;
    Ok(RemovePermissionOutput {})
}
