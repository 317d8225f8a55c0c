//! `CreateLogGroup`.

use updraft_api_logs::types::{CreateLogGroupInput, CreateLogGroupOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{group_exists, invalid};
use crate::keys::{Group, STANDARD};
use crate::{Logs, groups};

pub(crate) async fn create_log_group(
    svc: &Logs,
    cx: &Ctx,
    input: CreateLogGroupInput,
) -> Result<CreateLogGroupOutput, AwsError> {
    if input.log_group_name.starts_with("aws/") {
        return Err(invalid("Log groups starting with AWS/ are reserved for AWS."));
    }
    if input.kms_key_id.is_some() {
        return Err(invalid("The specified KMS key does not exist or is disabled."));
    }
    if input.deletion_protection_enabled == Some(true) {
        return Err(invalid("Deletion protection is not implemented."));
    }
    let key = groups::key(cx, &input.log_group_name);
    let mut tx = svc.store.write().await?;
    if tx.row(&key).await?.is_some() {
        return Err(group_exists());
    }
    let class = input.log_group_class.map_or_else(|| STANDARD.to_owned(), |class| class.as_str().to_owned());
    let tags = input.tags.unwrap_or_default();
    tx.put_row(&key, &Group { created: cx.now().0, retention: None, class, tags })?;
    tx.commit().await?;
    Ok(CreateLogGroupOutput {})
}
