//! Typed reads and writes.

use updraft_kernel::AwsError;
use updraft_store::{KeyRange, Row, ScanOptions, Tx};

use crate::ahead;
use crate::keys::{
    AliasKey, AttachedKey, CodeKey, CodeRow, EventSettingsKey, FunctionKey, FunctionRow, PolicyKey, ProvisionedKey,
    RecursionKey, RuntimeUpdatesKey, VersionKey, VersionRow, WrittenPolicyKey,
};
use crate::model::attached::Attached;
use crate::model::name::{FunctionId, Target, Version};
use crate::signing;
use crate::url;

/// A version with the function it is of.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) function: FunctionRow,
    pub(crate) version: Version,
    pub(crate) row: VersionRow,
    pub(crate) attached: Attached,
}

/// The alias that the target names, if it names one.
pub(crate) fn alias_of(target: &Target) -> Option<&str> {
    target.qualifier.as_deref().filter(|_| target.version().is_none())
}

/// What the target names; of an alias, its version.
///
/// # Errors
/// AWS's "Function not found", with the ARN as it was named.
pub(crate) async fn find(tx: &mut Tx, target: &Target) -> Result<Found, AwsError> {
    let function = tx.row(&FunctionKey(&target.id)).await?.ok_or_else(|| target.missing())?;
    let version = match alias_of(target) {
        None => target.version().unwrap_or(Version::LATEST),
        Some(name) => tx.row(&AliasKey(&target.id, name)).await?.ok_or_else(|| target.missing())?.version,
    };
    let row = tx.row(&VersionKey(&target.id, version)).await?.ok_or_else(|| target.missing())?;
    let attached = attached(tx, &target.id, version).await?;
    Ok(Found { function, version, row, attached })
}

/// What is attached to a version.
///
/// # Errors
/// If the store fails.
pub(crate) async fn attached(tx: &mut Tx, id: &FunctionId, version: Version) -> Result<Attached, AwsError> {
    Ok(tx.row(&AttachedKey(id, version)).await?.unwrap_or_default())
}

/// The function alone.
///
/// # Errors
/// As [`find`].
pub(crate) async fn function(tx: &mut Tx, target: &Target) -> Result<FunctionRow, AwsError> {
    tx.row(&FunctionKey(&target.id)).await?.ok_or_else(|| target.missing())
}

/// Writes a version, and which blob it is made of. `before` is what stood there.
///
/// # Errors
/// If it can't be encoded.
pub(crate) fn put_version(
    tx: &mut Tx,
    id: &FunctionId,
    version: Version,
    row: &VersionRow,
    before: Option<&VersionRow>,
) -> Result<(), AwsError> {
    if let Some(before) = before.filter(|before| before.config.code.blob != row.config.code.blob) {
        tx.delete_row(&CodeKey(&before.config.code.blob, id, version));
    }
    tx.put_row(&CodeKey(&row.config.code.blob, id, version), &CodeRow)?;
    tx.put_row(&VersionKey(id, version), row)?;
    Ok(())
}

/// Writes what is attached to a version, and the blobs that this is made of. `before` is what stood there.
///
/// # Errors
/// If it can't be encoded.
pub(crate) fn attach(
    tx: &mut Tx,
    (id, version): (&FunctionId, Version),
    attached: &Attached,
    before: &Attached,
) -> Result<(), AwsError> {
    for layer in &before.layers {
        tx.delete_row(&CodeKey(&layer.code.blob, id, version));
    }
    for layer in &attached.layers {
        tx.put_row(&CodeKey(&layer.code.blob, id, version), &CodeRow)?;
    }
    let key = AttachedKey(id, version);
    if *attached == Attached::default() {
        tx.delete_row(&key);
    } else {
        tx.put_row(&key, attached)?;
    }
    Ok(())
}

/// Removes a version and what stands on it. The blob stays until it is swept.
///
/// # Errors
/// If the store fails.
pub(crate) async fn delete_version(
    tx: &mut Tx,
    id: &FunctionId,
    version: Version,
    row: &VersionRow,
) -> Result<(), AwsError> {
    let before = attached(tx, id, version).await?;
    attach(tx, (id, version), &Attached::default(), &before)?;
    tx.delete_row(&CodeKey(&row.config.code.blob, id, version));
    tx.delete_row(&VersionKey(id, version));
    tx.delete_row(&RuntimeUpdatesKey(id, version));
    delete_qualified(tx, id, &version.to_string());
    Ok(())
}

/// Removes an alias and what belongs to it, if it is there.
pub(crate) fn delete_alias(tx: &mut Tx, id: &FunctionId, name: &str) {
    tx.delete_row(&AliasKey(id, name));
    delete_qualified(tx, id, name);
}

/// Removes what stands on a version or an alias.
fn delete_qualified(tx: &mut Tx, id: &FunctionId, qualifier: &str) {
    tx.delete_row(&PolicyKey(id, Some(qualifier)));
    tx.delete_row(&WrittenPolicyKey(id, Some(qualifier)));
    tx.delete_row(&EventSettingsKey(id, qualifier));
    tx.delete_row(&ProvisionedKey(id, qualifier));
}

/// The aliases that stand for a version, by name.
///
/// # Errors
/// If the store fails.
pub(crate) async fn aliases_for(tx: &mut Tx, id: &FunctionId, version: Version) -> Result<Vec<String>, AwsError> {
    let all = all::<AliasKey<'_>>(tx, AliasKey::of(id)).await?;
    let named = all.into_iter().filter(|(_, alias)| alias.versions().any(|one| one == version));
    named.map(|(key, _)| second_name(&key)).collect()
}

/// Removes everything of a function.
///
/// # Errors
/// If the store fails.
pub(crate) async fn delete_function(tx: &mut Tx, id: &FunctionId) -> Result<(), AwsError> {
    for (key, row) in all::<VersionKey<'_>>(tx, VersionKey::of(id)).await? {
        delete_version(tx, id, version_of(&key)?, &row).await?;
    }
    tx.raw().delete_range(AliasKey::of(id));
    url::config::delete_all(tx, id).await?;
    tx.raw().delete_range(PolicyKey::of(id));
    tx.raw().delete_range(EventSettingsKey::all(id));
    tx.raw().delete_range(WrittenPolicyKey::of(id));
    signing::give(tx, id, None).await?;
    tx.raw().delete_range(ProvisionedKey::of(id));
    ahead::forget(tx, id);
    tx.delete_row(&RecursionKey(id));
    tx.delete_row(&FunctionKey(id));
    Ok(())
}

/// Everything in a range, page by page.
///
/// # Errors
/// If the store fails.
pub(crate) async fn all<K: updraft_store::Key>(
    tx: &mut Tx,
    range: KeyRange,
) -> Result<Vec<(bytes::Bytes, K::Row)>, AwsError>
where
    K::Row: Row,
{
    let (mut found, mut range) = (Vec::new(), range);
    loop {
        let page = tx.rows::<K>(range.clone(), ScanOptions::default()).await?;
        let resume = page.resume().cloned();
        found.extend(page.rows);
        match resume {
            Some(last) => range = range.after(&last),
            None => return Ok(found),
        }
    }
}

/// The last part of a version's key.
///
/// # Errors
/// If it isn't such a key.
pub(crate) fn version_of(key: &[u8]) -> Result<Version, AwsError> {
    name_and_version(key).map(|(_, version)| version)
}

/// The last two parts of a version's key.
///
/// # Errors
/// If it isn't such a key.
pub(crate) fn name_and_version(key: &[u8]) -> Result<(String, Version), AwsError> {
    let mut reader = function_part(key)?;
    let name = reader.str()?;
    Ok((name, Version(reader.u64()?)))
}

/// The name in a function's key.
///
/// # Errors
/// If it isn't such a key.
pub(crate) fn name_of(key: &[u8]) -> Result<String, AwsError> {
    Ok(function_part(key)?.str()?)
}

/// What stands behind the function's name in a key.
///
/// # Errors
/// If it isn't such a key.
pub(crate) fn second_name(key: &[u8]) -> Result<String, AwsError> {
    let mut reader = function_part(key)?;
    reader.str()?;
    Ok(reader.str()?)
}

/// Behind account, region and kind.
fn function_part(key: &[u8]) -> Result<updraft_store::KeyReader<'_>, AwsError> {
    let mut reader = updraft_store::KeyReader::new(key, updraft_store::tags::LAMBDA)?;
    reader.str()?;
    reader.str()?;
    reader.u8()?;
    Ok(reader)
}
