//! `ListRuleNamesByTarget`: the rules of a bus that send to something.

use updraft_api_events::types::{ListRuleNamesByTargetInput, ListRuleNamesByTargetOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::paging::Page;
use crate::model::name::BusId;
use crate::{EventBridge, access, table};

pub(crate) async fn list_rule_names_by_target(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListRuleNamesByTargetInput,
) -> Result<ListRuleNamesByTargetOutput, AwsError> {
    let page = Page::asked(input.limit, input.next_token.as_deref())?;
    let bus = BusId::given(cx, input.event_bus_name.as_deref());
    let mut tx = svc.parts.store.read().await?;
    access::bus(&mut tx, cx, &bus).await?;
    let all = table::all_targets(&mut tx, &bus).await?;
    let mut names: Vec<_> =
        all.into_iter().filter(|(_, target)| target.arn == input.target_arn).map(|(rule, _)| (rule, ())).collect();
    names.dedup();
    let (names, next_token) = page.cut(names);
    Ok(ListRuleNamesByTargetOutput { rule_names: Some(names.into_iter().map(|(name, ())| name).collect()), next_token })
}
