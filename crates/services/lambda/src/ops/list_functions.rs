//! `ListFunctions`.

use updraft_api_lambda::types::{FunctionConfiguration, ListFunctionsInput, ListFunctionsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt, Tx};

use super::paging::{marker, page_size, read_marker};
use crate::keys::{AttachedKey, FunctionKey, VersionKey, VersionRow};
use crate::model::attached::Attached;
use crate::model::name::{FunctionId, Version};
use crate::table::{name_and_version, name_of};
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, table};

pub(crate) async fn list_functions(
    svc: &Lambda,
    cx: &Ctx,
    input: ListFunctionsInput,
) -> Result<ListFunctionsOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let after = input.marker.as_deref().map(read_marker).transpose()?;
    let limit = page_size(input.max_items);
    let (functions, last) = match input.function_version {
        Some(_) => every_version(cx, &mut tx, after, limit).await?,
        None => latest_versions(cx, &mut tx, after, limit).await?,
    };
    let next_marker = last.map(|(name, version)| marker(&name, version));
    Ok(ListFunctionsOutput { next_marker, functions: Some(functions) })
}

/// What is shown, and where the next page begins, if there is one.
type Page = (Vec<FunctionConfiguration>, Option<(String, Version)>);

fn id(cx: &Ctx, name: String) -> FunctionId {
    FunctionId { account: cx.account.clone(), region: cx.region.clone(), name }
}

async fn latest_versions(
    cx: &Ctx,
    tx: &mut Tx,
    after: Option<(String, Version)>,
    limit: usize,
) -> Result<Page, AwsError> {
    let mut range = FunctionKey::all(&cx.account, &cx.region);
    if let Some((name, _)) = after {
        range = range.after(&FunctionKey(&id(cx, name)).encode());
    }
    let page = tx.rows::<FunctionKey<'_>>(range, ScanOptions::limit(limit)).await?;
    let names = page.rows.iter().map(|(key, _)| name_of(key)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<_> = names.into_iter().map(|name| id(cx, name)).collect();
    let keys: Vec<_> = ids.iter().map(|id| VersionKey(id, Version::LATEST)).collect();
    let rows = tx.row_many(&keys).await?;
    let keys: Vec<_> = ids.iter().map(|id| AttachedKey(id, Version::LATEST)).collect();
    let attached = tx.row_many(&keys).await?;
    let mut shown = Vec::with_capacity(ids.len());
    for ((id, row), attached) in ids.iter().zip(rows).zip(attached) {
        let attached = &attached.unwrap_or_default();
        let show = |row: &VersionRow| show(id, Version::LATEST, (row, attached), Ending::Name);
        shown.extend(row.as_ref().map(show));
    }
    let last = ids.last().filter(|_| page.more).map(|id| (id.name.clone(), Version::LATEST));
    Ok((shown, last))
}

async fn every_version(
    cx: &Ctx,
    tx: &mut Tx,
    after: Option<(String, Version)>,
    limit: usize,
) -> Result<Page, AwsError> {
    let mut range = VersionKey::all(&cx.account, &cx.region);
    if let Some((name, version)) = after {
        range = range.after(&VersionKey(&id(cx, name), version).encode());
    }
    let page = tx.rows::<VersionKey<'_>>(range, ScanOptions::limit(limit)).await?;
    let (mut shown, mut last) = (Vec::new(), None);
    for (key, row) in &page.rows {
        let (name, version) = name_and_version(key)?;
        let id = id(cx, name.clone());
        let attached = table::attached(tx, &id, version).await?;
        shown.push(show(&id, version, (row, &attached), Ending::Version));
        last = Some((name, version));
    }
    Ok((shown, last.filter(|_| page.more)))
}

fn show(
    id: &FunctionId,
    version: Version,
    (row, attached): (&VersionRow, &Attached),
    ending: Ending<'_>,
) -> FunctionConfiguration {
    configuration(Shown { id, version, row, moment: Moment::Listed, ending, attached })
}
