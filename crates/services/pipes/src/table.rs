//! Typed reads and writes over a transaction.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, KeyRange, Result, ScanOptions, Topic, Tx};

use crate::errors::missing;
use crate::keys::{Owner, OwnerKey, PipeKey};
use crate::model::pipe::Pipe;

/// Touched by every transaction that changes a pipe: whoever looks after them looks again.
#[must_use]
pub fn topic() -> Topic {
    Topic::of(&[b"pipes"])
}

pub(crate) fn key<'a>(cx: &'a Ctx, name: &'a str) -> PipeKey<'a> {
    PipeKey { account: &cx.account, region: &cx.region, name }
}

/// # Errors
/// If there is no such pipe.
pub(crate) async fn pipe(tx: &mut Tx, cx: &Ctx, name: &str) -> std::result::Result<Pipe, AwsError> {
    tx.row(&key(cx, name)).await?.ok_or_else(|| missing(name))
}

/// Writes a pipe; whoever looks after them is told at the commit.
///
/// # Errors
/// If it can't be encoded.
pub(crate) fn put(tx: &mut Tx, owner: &Owner, pipe: &Pipe) -> Result<()> {
    tx.put_row(&owner.key(), pipe)?;
    tx.put_row(&OwnerKey(&pipe.id), owner)?;
    tx.touch(topic());
    Ok(())
}

pub(crate) fn delete(tx: &mut Tx, owner: &Owner, pipe: &Pipe) {
    tx.delete_row(&owner.key());
    tx.delete_row(&OwnerKey(&pipe.id));
}

pub(crate) fn owner(cx: &Ctx, name: &str) -> Owner {
    Owner { account: cx.account.clone(), region: cx.region.clone(), name: name.to_owned() }
}

/// Every row of a range.
///
/// # Errors
/// If the store fails.
pub(crate) async fn all<K: Key>(tx: &mut Tx, mut range: KeyRange) -> Result<Vec<(bytes::Bytes, K::Row)>> {
    let mut rows = Vec::new();
    loop {
        let page = tx.rows::<K>(range.clone(), ScanOptions::default()).await?;
        let last = page.resume().cloned();
        rows.extend(page.rows);
        match last {
            Some(last) => range = range.after(&last),
            None => return Ok(rows),
        }
    }
}
