//! `EnableRule`.

use updraft_api_events::types::{EnableRuleInput, EnableRuleOutput, RuleState};
use updraft_kernel::{AwsError, Ctx};

use crate::EventBridge;
use crate::model::name::BusId;
use crate::switch::switch;

pub(crate) async fn enable_rule(
    svc: &EventBridge,
    cx: &Ctx,
    input: EnableRuleInput,
) -> Result<EnableRuleOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.name);
    switch(svc, cx, &id, &RuleState::Enabled).await?;
    Ok(EnableRuleOutput {})
}
