//! `DeleteLayerVersion`.

use updraft_api_lambda::types::{DeleteLayerVersionInput, DeleteLayerVersionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::{LayerCodeKey, LayerPolicyKey, LayerVersionKey};
use crate::model::layer::LayerVersion;
use crate::{Lambda, layers};

/// AWS: what isn't there is deleted with success. Functions that have the version keep it.
pub(crate) async fn delete_layer_version(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteLayerVersionInput,
) -> Result<DeleteLayerVersionOutput, AwsError> {
    let version = LayerVersion::parse(cx, &input.layer_name, input.version_number)?;
    layers::own(cx, &version.layer, "DeleteLayerVersion")?;
    let mut tx = svc.store.write().await?;
    if let Some(row) = tx.row(&LayerVersionKey(&version)).await? {
        tx.delete_row(&LayerCodeKey(&row.code.blob, &version));
        tx.delete_row(&LayerPolicyKey(&version));
        tx.delete_row(&LayerVersionKey(&version));
        tx.commit().await?;
    }
    Ok(DeleteLayerVersionOutput {})
}
