//! Publishing versions: what `PublishVersion` and the `Publish` flags share.

use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::Tx;

use crate::keys::{FunctionKey, FunctionRow, VersionKey, VersionRow};
use crate::model::attached::Attached;
use crate::model::name::{FunctionId, Version};
use crate::table;

/// Makes a version of `latest`, unless the last one is just that. The caller writes `latest` and commits.
pub(crate) async fn publish(
    cx: &Ctx,
    tx: &mut Tx,
    id: &FunctionId,
    function: &mut FunctionRow,
    (latest, attached): (&VersionRow, &Attached),
) -> Result<(Version, VersionRow), AwsError> {
    let last = Version(function.last_version);
    if last != Version::LATEST
        && let Some(row) = tx.row(&VersionKey(id, last)).await?
        && latest.config.runs_like(&row.config)
        && table::attached(tx, id, last).await? == *attached
    {
        return Ok((last, row));
    }
    function.last_version += 1;
    let version = Version(function.last_version);
    let row = VersionRow { revision: cx.rng.uuid(), ..latest.clone() };
    table::put_version(tx, id, version, &row, None)?;
    table::attach(tx, (id, version), attached, &Attached::default())?;
    tx.put_row(&FunctionKey(id), function)?;
    Ok((version, row))
}
