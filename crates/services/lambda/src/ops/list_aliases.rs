//! `ListAliases`.

use updraft_api_lambda::types::{AliasConfiguration, ListAliasesInput, ListAliasesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, KeyRange, ScanOptions, StoreExt, Tx};

use super::create_alias::named_version;
use super::paging::{marker, page_size, read_marker};
use crate::keys::AliasKey;
use crate::model::name::{FunctionId, Target, Version};
use crate::table::second_name;
use crate::view::alias_configuration;
use crate::{Lambda, table};

pub(crate) async fn list_aliases(
    svc: &Lambda,
    cx: &Ctx,
    input: ListAliasesInput,
) -> Result<ListAliasesOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?.unqualified();
    let id = &target.id;
    let mut tx = svc.store.read().await?;
    table::function(&mut tx, &target).await?;
    let version = input.function_version.as_deref().map(|version| named_version(id, version)).transpose()?;
    let mut range = AliasKey::of(id);
    if let Some(marker) = &input.marker {
        let (name, _) = read_marker(marker)?;
        range = range.after(&AliasKey(id, &name).encode());
    }
    let mut found = some(&mut tx, id, range, (version, page_size(input.max_items))).await?;
    let last = found.1.take().map(|name| marker(&name, Version::LATEST));
    Ok(ListAliasesOutput { next_marker: last, aliases: Some(found.0) })
}

/// So many, and the last one's name if there are more. Those of one version are picked out of all.
async fn some(
    tx: &mut Tx,
    id: &FunctionId,
    mut range: KeyRange,
    (version, limit): (Option<Version>, usize),
) -> Result<(Vec<AliasConfiguration>, Option<String>), AwsError> {
    let (mut aliases, mut last) = (Vec::new(), None);
    loop {
        let page = tx.rows::<AliasKey<'_>>(range.clone(), ScanOptions::default()).await?;
        let resume = page.resume().cloned();
        for (key, alias) in page.rows {
            if version.is_some_and(|version| version != alias.version) {
                continue;
            }
            if aliases.len() == limit {
                return Ok((aliases, last));
            }
            let name = second_name(&key)?;
            last = Some(name.clone());
            aliases.push(alias_configuration(id, name, alias));
        }
        match resume {
            Some(key) => range = range.after(&key),
            None => return Ok((aliases, None)),
        }
    }
}
