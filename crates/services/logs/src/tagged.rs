//! Tags of groups, which two families of operations read and write.

use std::collections::BTreeMap;

use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::too_many_tags;
use crate::{Logs, groups};

/// AWS: of one group.
const MOST: usize = 50;

/// `missing` is what is said where there is no such group.
pub(crate) async fn list(
    svc: &Logs,
    cx: &Ctx,
    name: &str,
    missing: fn() -> AwsError,
) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tx = svc.store.read().await?;
    let group = tx.row(&groups::key(cx, name)).await?.ok_or_else(missing)?;
    Ok(group.tags)
}

pub(crate) async fn change(
    svc: &Logs,
    cx: &Ctx,
    name: &str,
    missing: fn() -> AwsError,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<(), AwsError> {
    let key = groups::key(cx, name);
    let mut tx = svc.store.write().await?;
    let mut group = tx.row(&key).await?.ok_or_else(missing)?;
    change(&mut group.tags);
    if group.tags.len() > MOST {
        return Err(too_many_tags());
    }
    tx.put_row(&key, &group)?;
    tx.commit().await?;
    Ok(())
}
