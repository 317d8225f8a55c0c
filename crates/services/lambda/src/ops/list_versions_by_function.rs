//! `ListVersionsByFunction`, and the markers of both lists.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use updraft_api_lambda::types::{ListVersionsByFunctionInput, ListVersionsByFunctionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::errors::invalid_parameter;
use crate::keys::VersionKey;
use crate::model::name::{Target, Version};
use crate::table::version_of;
use crate::view::{Moment, Shown, configuration};
use crate::{Lambda, table};

/// AWS: more may be asked for, and isn't given.
const PAGE: usize = 50;

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
        versions.push(configuration(Shown { id: &target.id, version, row, moment, qualified: true }));
    }
    let next_marker = page.resume().map(|key| version_of(key)).transpose()?;
    let next_marker = next_marker.map(|version| marker(&target.id.name, version));
    Ok(ListVersionsByFunctionOutput { next_marker, versions: Some(versions) })
}

pub(super) fn page_size(asked: Option<i32>) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).filter(|asked| *asked > 0).unwrap_or(PAGE).min(PAGE)
}

/// Where a page ended, as clients hand it back.
pub(super) fn marker(name: &str, version: Version) -> String {
    URL_SAFE_NO_PAD.encode(format!("{name}:{}", version.0))
}

pub(super) fn read_marker(marker: &str) -> Result<(String, Version), AwsError> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(marker).ok()?).ok()?;
        let (name, version) = text.split_once(':')?;
        Some((name.to_owned(), Version(version.parse().ok()?)))
    };
    read().ok_or_else(|| invalid_parameter("Invalid marker"))
}
