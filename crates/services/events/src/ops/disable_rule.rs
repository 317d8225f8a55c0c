//! `DisableRule`.

use updraft_api_events::types::{DisableRuleInput, DisableRuleOutput, RuleState};
use updraft_kernel::{AwsError, Ctx};

use crate::EventBridge;
use crate::model::name::BusId;
use crate::switch::switch;

pub(crate) async fn disable_rule(
    svc: &EventBridge,
    cx: &Ctx,
    input: DisableRuleInput,
) -> Result<DisableRuleOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.name);
    switch(svc, cx, &id, &RuleState::Disabled).await?;
    Ok(DisableRuleOutput {})
}
