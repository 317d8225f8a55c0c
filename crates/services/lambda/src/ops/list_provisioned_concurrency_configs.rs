//! `ListProvisionedConcurrencyConfigs`.

use updraft_api_lambda::types::{
    ListProvisionedConcurrencyConfigsInput, ListProvisionedConcurrencyConfigsOutput,
    ProvisionedConcurrencyConfigListItem,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{marker, page_size, read_marker};
use crate::keys::ProvisionedKey;
use crate::model::name::{Target, Version};
use crate::table::second_name;
use crate::view::provisioned_at;
use crate::{Lambda, table};

pub(crate) async fn list_provisioned_concurrency_configs(
    svc: &Lambda,
    cx: &Ctx,
    input: ListProvisionedConcurrencyConfigsInput,
) -> Result<ListProvisionedConcurrencyConfigsOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?.unqualified();
    let mut tx = svc.store.read().await?;
    table::function(&mut tx, &target).await?;
    let mut range = ProvisionedKey::of(&target.id);
    if let Some(marker) = &input.marker {
        let (qualifier, _) = read_marker(marker)?;
        range = range.after(&ProvisionedKey(&target.id, &qualifier).encode());
    }
    let limit = ScanOptions::limit(page_size(input.max_items));
    let page = tx.rows::<ProvisionedKey<'_>>(range, limit).await?;
    let next = page.resume().map(|key| second_name(key)).transpose()?;
    let mut configs = Vec::new();
    for (key, provisioning) in page.rows {
        let of = Target { qualifier: Some(second_name(&key)?), ..target.clone() };
        let progress = svc.progress(&mut tx, &of, provisioning.count).await?;
        configs.push(ProvisionedConcurrencyConfigListItem {
            function_arn: Some(of.arn().to_string()),
            requested_provisioned_concurrent_executions: i32::try_from(progress.requested).ok(),
            allocated_provisioned_concurrent_executions: i32::try_from(progress.allocated).ok(),
            available_provisioned_concurrent_executions: i32::try_from(progress.available).ok(),
            status: Some(progress.status()),
            status_reason: progress.failed,
            last_modified: Some(provisioned_at(provisioning.modified)),
        });
    }
    Ok(ListProvisionedConcurrencyConfigsOutput {
        provisioned_concurrency_configs: Some(configs),
        next_marker: next.map(|qualifier| marker(&qualifier, Version::LATEST)),
    })
}
