//! `ListVersionsByFunction`.

use updraft_api_lambda::types::{ListVersionsByFunctionInput, ListVersionsByFunctionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{marker, page_size, read_marker};
use crate::keys::VersionKey;
use crate::model::name::Target;
use crate::table::version_of;
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, table};

pub(crate) async fn list_versions_by_function(
    svc: &Lambda,
    cx: &Ctx,
    input: ListVersionsByFunctionInput,
) -> Result<ListVersionsByFunctionOutput, AwsError> {
    let Target { id, .. } = Target::parse(cx, &input.function_name, None)?;
    let target = Target { id, qualifier: None };
    let mut tx = svc.store.read().await?;
    table::function(&mut tx, &target).await?;
    let mut range = VersionKey::of(&target.id);
    if let Some(marker) = &input.marker {
        let (_, version) = read_marker(marker)?;
        range = range.after(&VersionKey(&target.id, version).encode());
    }
    let page = tx.rows::<VersionKey<'_>>(range, ScanOptions::limit(page_size(input.max_items))).await?;
    let mut versions = Vec::new();
    for (key, row) in &page.rows {
        let (version, moment) = (version_of(key)?, Moment::Listed);
        let (attached, ending) = (&table::attached(&mut tx, &target.id, version).await?, Ending::Version);
        versions.push(configuration(Shown { id: &target.id, version, row, moment, ending, attached }));
    }
    let next_marker = page.resume().map(|key| version_of(key)).transpose()?;
    let next_marker = next_marker.map(|version| marker(&target.id.name, version));
    Ok(ListVersionsByFunctionOutput { next_marker, versions: Some(versions) })
}
