//! Whether a snapshot can be restored, without restoring it.

use tokio::io::AsyncRead;
use updraft_store::Limits;

use crate::error::SnapshotError;
use crate::layout::{Head, Totals};
use crate::walk::{Item, Walk};

/// What a snapshot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    pub head: Head,
    pub totals: Totals,
}

/// Reads where a snapshot is from, and nothing else: it may yet be damaged or cut off.
///
/// # Errors
/// If it is no snapshot, or needs a newer updraft.
pub async fn head(source: impl AsyncRead + Unpin + Send) -> Result<Head, SnapshotError> {
    Walk::begin(source).await.map(|(head, _)| head)
}

/// Reads a whole snapshot and checks everything that can be checked without a store. `progress` is told how many bytes
/// were read so far.
///
/// # Errors
/// If it isn't whole, was damaged, or needs a newer updraft: with a sentence that says which.
pub async fn verify(
    source: impl AsyncRead + Unpin + Send,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Info, SnapshotError> {
    checked(source, None, progress).await
}

/// The same, and that every row fits where it is to go.
pub(crate) async fn checked(
    source: impl AsyncRead + Unpin + Send,
    limits: Option<Limits>,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Info, SnapshotError> {
    let (head, mut walk) = Walk::begin(source).await?;
    while let Some(item) = walk.next().await? {
        if let (Item::Rows(rows), Some(limits)) = (&item, limits) {
            rows.iter().try_for_each(|(key, value)| fits(key.len(), value.len(), limits))?;
        }
        progress(walk.at());
    }
    Ok(Info { head, totals: walk.totals() })
}

fn fits(key: usize, value: usize, limits: Limits) -> Result<(), SnapshotError> {
    let over = |what, size, limit| {
        if size > limit { Err(SnapshotError::TooLarge { what, size, limit }) } else { Ok(()) }
    };
    over("key", key, limits.key_bytes)?;
    over("value", value, limits.value_bytes)
}
