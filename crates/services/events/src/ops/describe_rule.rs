//! `DescribeRule`.

use updraft_api_events::types::{DescribeRuleInput, DescribeRuleOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::BusId;
use crate::{EventBridge, access};

pub(crate) async fn describe_rule(
    svc: &EventBridge,
    cx: &Ctx,
    input: DescribeRuleInput,
) -> Result<DescribeRuleOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.name);
    let rule = access::rule(&mut svc.parts.store.read().await?, cx, &id).await?;
    let created_by = Some(rule.created_by.clone());
    let shown = rule.shown(&id);
    Ok(DescribeRuleOutput {
        name: shown.name,
        arn: shown.arn,
        event_pattern: shown.event_pattern,
        schedule_expression: shown.schedule_expression,
        state: shown.state,
        description: shown.description,
        role_arn: shown.role_arn,
        managed_by: None,
        event_bus_name: shown.event_bus_name,
        created_by,
    })
}
