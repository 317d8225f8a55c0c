//! Layers as functions and readers find them.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{invalid_parameter, not_found};
use crate::keys::{LayerPolicyKey, LayerVersionKey, LayerVersionRow};
use crate::model::attached::Layer;
use crate::model::layer::{LayerId, LayerVersion, denied};
use crate::model::policy;

/// AWS: layers of one function.
const LAYERS: usize = 5;

/// The layers that a function asks for, in its order.
///
/// # Errors
/// In AWS's words, if they can't be had.
pub(crate) async fn find_all(cx: &Ctx, tx: &mut Tx, arns: &[String]) -> Result<Vec<Layer>, AwsError> {
    if arns.len() > LAYERS {
        return Err(invalid_parameter(format!("Cannot reference more than {LAYERS} layers.")));
    }
    let mut found: Vec<(LayerId, Layer)> = Vec::with_capacity(arns.len());
    for arn in arns {
        let missing = || invalid_parameter(format!("Layer version {arn} does not exist."));
        let version = LayerVersion::of_arn(arn).ok_or_else(missing)?;
        if version.layer.region != cx.region {
            let here = &cx.region;
            return Err(invalid_parameter(format!(
                "Layers are not in the same region as the function. Layers are expected to be in region {here}."
            )));
        }
        if let Some((_, other)) = found.iter().find(|(layer, _)| *layer == version.layer) {
            let other = &other.arn;
            return Err(invalid_parameter(format!(
                "Two different versions of the same layer are not allowed to be referenced in the same function. {other} \
                 and {arn} are versions of the same layer."
            )));
        }
        let row = readable(cx, tx, &version).await?.ok_or_else(missing)?;
        found.push((version.layer, Layer { arn: arn.clone(), code: row.code, unpacked: row.unpacked }));
    }
    Ok(found.into_iter().map(|(_, layer)| layer).collect())
}

/// The version, if there is one.
///
/// # Errors
/// If the caller's account may not use it.
pub(crate) async fn readable(
    cx: &Ctx,
    tx: &mut Tx,
    version: &LayerVersion,
) -> Result<Option<LayerVersionRow>, AwsError> {
    // AWS: whoever isn't let in isn't told whether there is anything.
    if version.layer.account != cx.account {
        let policy = tx.row(&LayerPolicyKey(version)).await?.unwrap_or_default();
        if !policy::lets_account(&policy.statements, &cx.account) {
            return Err(denied(cx, "GetLayerVersion", &version.arn()));
        }
    }
    Ok(tx.row(&LayerVersionKey(version)).await?)
}

/// Refuses to change what belongs to another account.
pub(crate) fn own(cx: &Ctx, layer: &LayerId, action: &str) -> Result<(), AwsError> {
    if layer.account == cx.account { Ok(()) } else { Err(denied(cx, action, &layer.arn())) }
}

/// The error of operations on policies that find no such version.
pub(crate) fn missing(version: &LayerVersion) -> AwsError {
    not_found(format!("Layer version {} does not exist.", version.arn()))
}
