//! `UpdateEventBus`: what isn't given is taken away.

use updraft_api_events::types::{UpdateEventBusInput, UpdateEventBusOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::BusKey;
use crate::model::name::BusId;
use crate::{EventBridge, access};

pub(crate) async fn update_event_bus(
    svc: &EventBridge,
    cx: &Ctx,
    input: UpdateEventBusInput,
) -> Result<UpdateEventBusOutput, AwsError> {
    let id = BusId::given(cx, input.name.as_deref());
    let mut tx = svc.parts.store.write().await?;
    let mut bus = access::bus(&mut tx, cx, &id).await?;
    bus.description = input.description;
    bus.kms_key = input.kms_key_identifier;
    bus.dead_letters = input.dead_letter_config.and_then(|config| config.arn);
    bus.set_log(input.log_config);
    bus.modified = cx.now();
    tx.put_row(&BusKey(&id), &bus)?;
    tx.commit().await?;
    Ok(UpdateEventBusOutput {
        arn: Some(id.arn().to_string()),
        name: Some(id.name),
        dead_letter_config: bus.dead_letter_config(),
        log_config: bus.log_config(),
        kms_key_identifier: bus.kms_key,
        description: bus.description,
    })
}
