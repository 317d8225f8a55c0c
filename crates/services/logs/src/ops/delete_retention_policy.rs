//! `DeleteRetentionPolicy`.

use updraft_api_logs::types::{DeleteRetentionPolicyInput, DeleteRetentionPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::{Logs, groups};

pub(crate) async fn delete_retention_policy(
    svc: &Logs,
    cx: &Ctx,
    input: DeleteRetentionPolicyInput,
) -> Result<DeleteRetentionPolicyOutput, AwsError> {
    let key = groups::key(cx, &input.log_group_name);
    let mut tx = svc.store.write().await?;
    let mut group = groups::group(&mut tx, key).await?;
    group.retention = None;
    tx.put_row(&key, &group)?;
    tx.commit().await?;
    Ok(DeleteRetentionPolicyOutput {})
}
