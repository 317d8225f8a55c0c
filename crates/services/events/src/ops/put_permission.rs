//! `PutPermission`: a statement of the bus's policy, or all of it.

use updraft_api_events::types::{PutPermissionInput, PutPermissionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_policy::Policy;
use updraft_store::StoreExt;

use crate::errors::{not_valid, policy_too_long, validation};
use crate::keys::BusKey;
use crate::model::name::BusId;
use crate::model::policy::{self, Said};
use crate::{EventBridge, access};

/// AWS: characters of a bus's policy.
const MOST: usize = 10_240;

pub(crate) async fn put_permission(
    svc: &EventBridge,
    cx: &Ctx,
    input: PutPermissionInput,
) -> Result<PutPermissionOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref());
    let mut tx = svc.parts.store.write().await?;
    let mut bus = access::bus(&mut tx, cx, &id).await?;
    let policy = if let Some(whole) = input.policy {
        Policy::parse(&whole).map_err(|_| not_valid("Policy"))?;
        whole
    } else {
        let missing = |name| move || validation(format!("Parameter(s) {name} must be specified."));
        let said = Said {
            id: input.statement_id.as_deref().ok_or_else(missing("StatementId"))?,
            action: input.action.as_deref().ok_or_else(missing("Action"))?,
            principal: input.principal.as_deref().ok_or_else(missing("Principal"))?,
            condition: input.condition.as_ref(),
        };
        policy::with(&id, bus.policy.as_deref(), said)
    };
    if policy.len() > MOST {
        return Err(policy_too_long());
    }
    bus.policy = Some(policy);
    bus.modified = cx.now();
    tx.put_row(&BusKey(&id), &bus)?;
    tx.commit().await?;
    Ok(PutPermissionOutput {})
}
