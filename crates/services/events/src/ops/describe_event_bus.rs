//! `DescribeEventBus`.

use updraft_api_events::types::{DescribeEventBusInput, DescribeEventBusOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::BusId;
use crate::{EventBridge, access};

pub(crate) async fn describe_event_bus(
    svc: &EventBridge,
    cx: &Ctx,
    input: DescribeEventBusInput,
) -> Result<DescribeEventBusOutput, AwsError> {
    let id = BusId::given(cx, input.name.as_deref());
    let bus = access::bus(&mut svc.parts.store.read().await?, cx, &id).await?;
    Ok(DescribeEventBusOutput {
        name: Some(id.name.clone()),
        arn: Some(id.arn().to_string()),
        dead_letter_config: bus.dead_letter_config(),
        log_config: bus.log_config(),
        creation_time: Some(bus.created),
        last_modified_time: Some(bus.modified),
        description: bus.description,
        kms_key_identifier: bus.kms_key,
        policy: bus.policy,
        managed_by: None,
    })
}
