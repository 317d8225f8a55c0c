//! `DeletePlatformApplication`: an app goes, with its devices.

use updraft_api_sns::types::{DeletePlatformApplicationInput, DeletePlatformApplicationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt};

use crate::Sns;
use crate::people::apps::AppId;

/// AWS: what isn't there has gone already.
pub(crate) async fn delete_platform_application(
    svc: &Sns,
    cx: &Ctx,
    input: DeletePlatformApplicationInput,
) -> Result<DeletePlatformApplicationOutput, AwsError> {
    let id = AppId::parse(cx, &input.platform_application_arn)?;
    let mut tx = svc.parts.store.write().await?;
    tx.delete_row(&id.key());
    for range in [id.key().devices(), id.key().tokens()] {
        let options = ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..ScanOptions::default() };
        for (key, _) in tx.raw().scan(range, options).await?.rows {
            tx.raw().delete(key);
        }
    }
    tx.commit().await?;
    Ok(DeletePlatformApplicationOutput {})
}
