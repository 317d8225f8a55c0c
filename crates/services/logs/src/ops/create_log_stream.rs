//! `CreateLogStream`.

use updraft_api_logs::types::{CreateLogStreamInput, CreateLogStreamOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::stream_exists;
use crate::keys::Stream;
use crate::{Logs, groups};

pub(crate) async fn create_log_stream(
    svc: &Logs,
    cx: &Ctx,
    input: CreateLogStreamInput,
) -> Result<CreateLogStreamOutput, AwsError> {
    let group = groups::key(cx, &input.log_group_name);
    let mut tx = svc.store.write().await?;
    groups::group(&mut tx, group).await?;
    let key = group.stream(&input.log_stream_name);
    if tx.row(&key).await?.is_some() {
        return Err(stream_exists());
    }
    tx.put_row(&key, &Stream { created: cx.now().0, ..Stream::default() })?;
    tx.commit().await?;
    Ok(CreateLogStreamOutput {})
}
