//! Tags of pipes.

use std::collections::BTreeMap;

use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{invalid, missing};
use crate::{Pipes, table};

/// AWS: of one pipe.
const MOST: usize = 50;

/// The name of the pipe that an ARN names, which the tables have checked.
pub(crate) fn name(cx: &Ctx, resource: &str) -> Result<String, AwsError> {
    let arn = Arn::parse(resource).map_err(|_| missing(resource))?;
    let here = arn.account == cx.account.as_str() && arn.region == cx.region.as_str() && arn.service == "pipes";
    let name = arn.resource.strip_prefix("pipe/").filter(|_| here);
    name.map(str::to_owned).ok_or_else(|| missing(resource))
}

pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.keys().any(|key| key.starts_with("aws:")) {
        return Err(invalid("Tag keys starting with 'aws:' are reserved for system use."));
    }
    if tags.len() > MOST {
        return Err(invalid(format!("A pipe may have at most {MOST} tags.")));
    }
    Ok(())
}

pub(crate) async fn change(
    svc: &Pipes,
    cx: &Ctx,
    resource: &str,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<(), AwsError> {
    let name = name(cx, resource)?;
    let mut tx = svc.parts.store.write().await?;
    let mut pipe = table::pipe(&mut tx, cx, &name).await?;
    change(&mut pipe.tags);
    check(&pipe.tags)?;
    tx.put_row(&table::key(cx, &name), &pipe)?;
    tx.commit().await?;
    Ok(())
}
