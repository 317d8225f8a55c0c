//! `GetCodeSigningConfig`.

use updraft_api_lambda::types::{GetCodeSigningConfigInput, GetCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::view::signing::config;
use crate::{Lambda, signing};

pub(crate) async fn get_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: GetCodeSigningConfigInput,
) -> Result<GetCodeSigningConfigOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let (id, row) = signing::find(cx, &mut tx, &input.code_signing_config_arn).await?;
    Ok(GetCodeSigningConfigOutput { code_signing_config: config(cx, id, &row) })
}
