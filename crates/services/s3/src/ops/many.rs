//! What operations have in common whose configurations have ids, and of which a bucket has several.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt, Tx};
use updraft_wire::{FromValue, IntoValue, typed};

use super::configured::What;
use crate::config::{self, Kind};
use crate::errors::{invalid_value, no_such_configuration, too_many_configurations};
use crate::keys::{ConfigKey, Numbered, id_of};
use crate::{S3, table};

/// AWS: no more of a kind.
const MOST: usize = 1000;

/// AWS: no more are listed at once.
const PAGE: usize = 100;

pub(super) struct Whose<'a> {
    pub(super) bucket: &'a str,
    pub(super) owner: Option<&'a str>,
    pub(super) id: &'a str,
}

/// Some of them, and the token of the next ones.
pub(super) struct Page<T> {
    pub(super) found: Vec<T>,
    pub(super) next: Option<String>,
}

pub(super) async fn put<T: IntoValue>(
    svc: &S3,
    cx: &Ctx,
    whose: Whose<'_>,
    (kind, shape): What,
    value: T,
) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut bucket = table::bucket(&mut tx, cx, whose.bucket, whose.owner).await?;
    let key = ConfigKey { bucket: Numbered::of(&bucket), kind, id: whose.id };
    if tx.row(&key).await?.is_none() && count(&mut tx, key).await? >= MOST {
        return Err(too_many_configurations());
    }
    let text = typed::to_json(shape, &value.into_value()).to_string();
    config::put_text(&mut tx, &mut bucket, (kind, whose.id), text)?;
    tx.commit().await?;
    Ok(())
}

async fn count(tx: &mut Tx, key: ConfigKey<'_>) -> Result<usize, AwsError> {
    let page = tx.raw().scan(key.bucket.configurations_of(key.kind), ScanOptions::limit(MOST)).await?;
    Ok(page.rows.len())
}

pub(super) async fn get<T: FromValue>(
    svc: &S3,
    cx: &Ctx,
    whose: Whose<'_>,
    (kind, shape): What,
) -> Result<T, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, whose.bucket, whose.owner).await?;
    let text = config::get_text(&mut tx, &bucket, kind, whose.id).await?;
    config::read(shape, &text.ok_or_else(no_such_configuration)?)
}

/// AWS: here it makes a difference whether there is one.
pub(super) async fn delete(svc: &S3, cx: &Ctx, whose: Whose<'_>, kind: Kind) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, whose.bucket, whose.owner).await?;
    let key = ConfigKey { bucket: Numbered::of(&bucket), kind, id: whose.id };
    tx.row(&key).await?.ok_or_else(no_such_configuration)?;
    tx.delete_row(&key);
    tx.commit().await?;
    Ok(())
}

pub(super) async fn list<T: FromValue>(
    svc: &S3,
    cx: &Ctx,
    (name, owner): (&str, Option<&str>),
    (kind, shape): What,
    token: Option<&str>,
) -> Result<Page<T>, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, name, owner).await?;
    let numbered = Numbered::of(&bucket);
    let mut range = numbered.configurations_of(kind);
    if let Some(token) = token {
        range = range.after(&ConfigKey { bucket: numbered, kind, id: &read_token(token)? }.encode());
    }
    let page = tx.rows::<ConfigKey<'_>>(range, ScanOptions::limit(PAGE)).await?;
    let next = page.resume().map(|last| id_of(last)).transpose()?.map(|last| URL_SAFE_NO_PAD.encode(last));
    let found = page.rows.iter().map(|(_, kept)| config::read(shape, &kept.text)).collect::<Result<_, _>>()?;
    Ok(Page { found, next })
}

fn read_token(token: &str) -> Result<String, AwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let wrong = || invalid_value("continuation-token", token, "The continuation token provided is incorrect");
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)
}
