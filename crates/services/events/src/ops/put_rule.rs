//! `PutRule`: makes a rule, or makes it another one.

use updraft_api_events::types::{PutRuleInput, PutRuleOutput, RuleState};
use updraft_expr::pattern::Pattern;
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_schedule::{Expression, Style};
use updraft_store::StoreExt;

use crate::errors::{invalid_pattern, validation};
use crate::keys::RuleKey;
use crate::model::name::BusId;
use crate::model::rule::Rule;
use crate::tagged::tags_of;
use crate::{EventBridge, access, schedule, table};

pub(crate) async fn put_rule(svc: &EventBridge, cx: &Ctx, input: PutRuleInput) -> Result<PutRuleOutput, AwsError> {
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.name);
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (pattern, expression) = (given(input.event_pattern), given(input.schedule_expression));
    if pattern.is_none() && expression.is_none() {
        return Err(validation("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if let Some(pattern) = &pattern {
        Pattern::parse(pattern).map_err(|why| invalid_pattern(why.reason()))?;
    }
    if let Some(expression) = &expression {
        if !id.bus.is_default() {
            return Err(validation("ScheduleExpression is supported only on the default event bus."));
        }
        Expression::parse(expression, Style::Rule).map_err(|why| validation(why.to_string()))?;
    }
    let tags = tags_of(input.tags.unwrap_or_default(), Default::default())?;
    let mut tx = svc.parts.store.write().await?;
    access::bus_of(&mut tx, cx, &id).await?;
    let there = tx.row(&RuleKey(&id)).await?;
    let new = || Rule {
        number: cx.rng.u64(),
        created: cx.now(),
        created_by: cx.account.as_str().to_owned(),
        tags,
        ..Rule::default()
    };
    // AWS: tags are a new rule's only.
    let rule = Rule {
        pattern,
        schedule: expression,
        state: input.state.unwrap_or(RuleState::Enabled).to_string(),
        description: given(input.description),
        role: input.role_arn,
        ..there.unwrap_or_else(new)
    };
    tx.put_row(&RuleKey(&id), &rule)?;
    schedule::arm(svc, cx, &mut tx, (&id, &rule)).await?;
    table::changed(&mut tx, &id.bus, &*cx.rng)?;
    tx.commit().await?;
    Ok(PutRuleOutput { rule_arn: Some(id.arn().to_string()) })
}
