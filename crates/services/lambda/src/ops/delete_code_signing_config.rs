//! `DeleteCodeSigningConfig`.

use updraft_api_lambda::types::{DeleteCodeSigningConfigInput, DeleteCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt};

use crate::errors::conflict;
use crate::keys::{SignedFunctionKey, SigningKey};
use crate::{Lambda, signing};

pub(crate) async fn delete_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteCodeSigningConfigInput,
) -> Result<DeleteCodeSigningConfigOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let arn = &input.code_signing_config_arn;
    let (id, _) = signing::find(cx, &mut tx, arn).await?;
    let users = SignedFunctionKey::of(&cx.account, &cx.region, id);
    if !tx.rows::<SignedFunctionKey<'_>>(users, ScanOptions::limit(1)).await?.rows.is_empty() {
        return Err(conflict(format!(
            "Cannot delete the code signing configuration {arn} because it is in use by one or more functions."
        )));
    }
    tx.delete_row(&SigningKey(&cx.account, &cx.region, id));
    tx.commit().await?;
    Ok(DeleteCodeSigningConfigOutput {})
}
