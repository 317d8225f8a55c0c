//! `PutRetentionPolicy`.

use updraft_api_logs::types::{PutRetentionPolicyInput, PutRetentionPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::background::schedule;
use crate::errors::invalid;
use crate::{Logs, groups};

/// AWS: the only ones.
const DAYS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

pub(crate) async fn put_retention_policy(
    svc: &Logs,
    cx: &Ctx,
    input: PutRetentionPolicyInput,
) -> Result<PutRetentionPolicyOutput, AwsError> {
    let days = input.retention_in_days;
    if !DAYS.contains(&days) {
        return Err(invalid(format!("Invalid retention value: {days}. Please choose from the list of valid values.")));
    }
    let key = groups::key(cx, &input.log_group_name);
    let mut tx = svc.store.write().await?;
    let mut group = groups::group(&mut tx, key).await?;
    group.retention = Some(days);
    tx.put_row(&key, &group)?;
    svc.timers.schedule(&mut tx, schedule(key, cx.now())?).await?;
    tx.commit().await?;
    Ok(PutRetentionPolicyOutput {})
}
