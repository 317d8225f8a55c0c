//! `CreateEventBus`.

use updraft_api_events::types::{CreateEventBusInput, CreateEventBusOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::errors::{already_exists, validation};
use crate::keys::BusKey;
use crate::model::bus::Bus;
use crate::model::name::BusId;
use crate::tagged::tags_of;

pub(crate) async fn create_event_bus(
    svc: &EventBridge,
    cx: &Ctx,
    input: CreateEventBusInput,
) -> Result<CreateEventBusOutput, AwsError> {
    if input.event_source_name.is_some() || input.name.contains('/') {
        return Err(validation("Event bus name must not contain '/'."));
    }
    let id = BusId::given(cx, Some(&input.name));
    let mut bus = Bus {
        created: cx.now(),
        modified: cx.now(),
        description: input.description,
        kms_key: input.kms_key_identifier,
        dead_letters: input.dead_letter_config.and_then(|config| config.arn),
        tags: tags_of(input.tags.unwrap_or_default(), Default::default())?,
        ..Bus::default()
    };
    bus.set_log(input.log_config);
    let mut tx = svc.parts.store.write().await?;
    if id.is_default() || tx.row(&BusKey(&id)).await?.is_some() {
        return Err(already_exists(format_args!("Event bus {}", id.name)));
    }
    tx.put_row(&BusKey(&id), &bus)?;
    tx.commit().await?;
    Ok(CreateEventBusOutput {
        event_bus_arn: Some(id.arn().to_string()),
        dead_letter_config: bus.dead_letter_config(),
        log_config: bus.log_config(),
        description: bus.description,
        kms_key_identifier: bus.kms_key,
    })
}
