//! `ListTargetsByRule`: by their ids.

use updraft_api_events::types::{ListTargetsByRuleInput, ListTargetsByRuleOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::paging::Page;
use crate::model::name::BusId;
use crate::{EventBridge, access, table};

pub(crate) async fn list_targets_by_rule(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListTargetsByRuleInput,
) -> Result<ListTargetsByRuleOutput, AwsError> {
    let page = Page::asked(input.limit, input.next_token.as_deref())?;
    let id = BusId::given(cx, input.event_bus_name.as_deref()).rule(&input.rule);
    let mut tx = svc.parts.store.read().await?;
    access::rule(&mut tx, cx, &id).await?;
    let targets = table::targets(&mut tx, &id).await?;
    let (targets, next_token) = page.cut(targets.into_iter().map(|target| (target.id.clone(), target)).collect());
    Ok(ListTargetsByRuleOutput { targets: Some(targets.into_iter().map(|(_, target)| target).collect()), next_token })
}
