//! `ListRules`: of a bus, by name.

use updraft_api_events::types::{ListRulesInput, ListRulesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{Page, token};
use crate::keys::{RuleKey, rule_name};
use crate::model::name::BusId;
use crate::{EventBridge, access};

pub(crate) async fn list_rules(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListRulesInput,
) -> Result<ListRulesOutput, AwsError> {
    let page = Page::asked(input.limit, input.next_token.as_deref())?;
    let bus = BusId::given(cx, input.event_bus_name.as_deref());
    let mut range = RuleKey::starting(&bus, input.name_prefix.as_deref().unwrap_or_default());
    if let Some(after) = &page.after {
        range = range.after(&RuleKey(&bus.clone().rule(after)).encode());
    }
    let mut tx = svc.parts.store.read().await?;
    access::bus(&mut tx, cx, &bus).await?;
    let found = tx.rows::<RuleKey<'_>>(range, ScanOptions::limit(page.limit)).await?;
    let next_token = found.resume().map(|last| rule_name(last)).transpose()?.map(|last| token(&last));
    let named = found.rows.into_iter().map(|(key, rule)| Ok(rule.shown(&bus.clone().rule(rule_name(&key)?))));
    Ok(ListRulesOutput { rules: Some(named.collect::<Result<_, AwsError>>()?), next_token })
}
