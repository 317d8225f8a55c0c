//! Opening what keeps the state: for the platform, and for the commands that work on state without one.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use updraft_blob::{Blobs, MemBlobs};
use updraft_blob_fs::FsBlobs;
use updraft_blob_object::ObjectBlobs;
use updraft_kernel::{Clock, Rng};
use updraft_store::{Store, StoreError};
use updraft_store_fjall::FjallOptions;
use updraft_store_postgres::PostgresOptions;

use crate::config::Config;
use crate::data::DataFolder;
use crate::places::{BlobPlace, StorePlace, without_password};

/// The rows.
///
/// # Errors
/// If they are in use, damaged, can't be reached, or were written by a newer updraft: with what to do.
pub(crate) async fn store(config: &Config, data: &DataFolder) -> Result<Arc<dyn Store>> {
    match &config.store {
        StorePlace::Memory => Ok(updraft_store_mem::open()?),
        StorePlace::Fjall => {
            let opened = updraft_store_fjall::open(&data.store(), FjallOptions::default());
            Ok(opened.map_err(|err| advised(err, data))?)
        }
        StorePlace::Redb => redb(data),
        StorePlace::Postgres(url) => {
            let opened = updraft_store_postgres::open(url, PostgresOptions::default()).await;
            let advice = || format!("the store at {} can't be opened", without_password(url));
            Ok(opened.with_context(advice)?)
        }
    }
}

/// The same rows over connections of their own, for heart-beats: requests that wait for the database must not make a
/// node look dead. `None` where only one process has the rows: there are no heart-beats.
///
/// # Errors
/// If they can't be reached.
pub(crate) async fn store_for_beats(config: &Config) -> Result<Option<Arc<dyn Store>>> {
    let StorePlace::Postgres(url) = &config.store else { return Ok(None) };
    let few = PostgresOptions { connections: 2, lanes: 1, ..PostgresOptions::default() };
    Ok(Some(updraft_store_postgres::open(url, few).await?))
}

/// The same, for a platform that is to serve from them.
///
/// # Errors
/// Also if a restore has left them half full.
pub(crate) async fn whole_store(config: &Config, data: &DataFolder) -> Result<Arc<dyn Store>> {
    let store = store(config, data).await?;
    let whole = updraft_snapshot::refuse_half_restored(&*store).await;
    whole.with_context(|| format!("nothing can be served from {}", described(config, data)))?;
    Ok(store)
}

#[cfg(feature = "redb")]
fn redb(data: &DataFolder) -> Result<Arc<dyn Store>> {
    let opened = updraft_store_redb::open(&data.root().join("redb"), updraft_store_redb::RedbOptions::default());
    Ok(opened.map_err(|err| advised(err, data))?)
}

#[cfg(not(feature = "redb"))]
fn redb(_: &DataFolder) -> Result<Arc<dyn Store>> {
    bail!("this updraft was built without redb")
}

/// The bytes too large for rows.
///
/// # Errors
/// If they can't be reached or written.
pub(crate) async fn blobs(
    config: &Config,
    data: &DataFolder,
    rng: Arc<dyn Rng>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Blobs>> {
    let folder = match &config.blobs {
        BlobPlace::Bucket(url) => return Ok(Arc::new(ObjectBlobs::open(url, config.aws.clone(), rng)?)),
        BlobPlace::Folder(folder) => folder.clone(),
        BlobPlace::Data if config.data.is_none() => return Ok(Arc::new(MemBlobs::new(rng, clock))),
        BlobPlace::Data => data.blobs(),
    };
    let advice = || format!("large bodies can't be kept in {}; choose another place with --blobs", folder.display());
    Ok(Arc::new(FsBlobs::open(&folder, rng, clock).with_context(advice)?))
}

/// What state there is, in a few words for people.
pub(crate) fn described(config: &Config, data: &DataFolder) -> String {
    let shown = data.root().display();
    let rows = match &config.store {
        StorePlace::Memory => "memory only: everything is lost at the end (--ephemeral)".to_owned(),
        StorePlace::Fjall => format!("fjall in {shown}"),
        StorePlace::Redb => format!("redb in {shown}"),
        StorePlace::Postgres(url) => format!("PostgreSQL at {}", without_password(url)),
    };
    match &config.blobs {
        BlobPlace::Data => rows,
        BlobPlace::Folder(folder) => format!("{rows}, large bodies in {}", folder.display()),
        BlobPlace::Bucket(url) => format!("{rows}, large bodies in {}", url.split('?').next().unwrap_or_default()),
    }
}

fn advised(err: StoreError, data: &DataFolder) -> anyhow::Error {
    let shown = data.root().display();
    let advice = match err {
        StoreError::InUse => {
            format!("another updraft runs on {shown}; stop it, or choose another folder with --data")
        }
        StoreError::NewerFormat { .. } => format!("{shown} was written by a newer updraft"),
        StoreError::Corrupt { .. } => {
            format!("{shown} is damaged; restore it from a snapshot, or choose another with --data")
        }
        _ => format!("the store in {shown} can't be opened"),
    };
    anyhow::Error::new(err).context(advice)
}
