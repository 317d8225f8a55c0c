//! Removing what no row names: left by a crash between keeping bytes and naming them, or by a deleted name.

use std::time::Duration;

use updraft_kernel::Clock;

use crate::blobs::{BlobInfo, Blobs};
use crate::error::BlobError;
use crate::id::BlobId;

/// How long a blob may be unnamed: far longer than any upload takes from its last byte to its transaction.
pub const GRACE: Duration = Duration::from_secs(3_600);

const PAGE: usize = 1_000;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub seen: usize,
    pub deleted: usize,
}

/// Deletes each blob that is older than [`GRACE`] and that `named` says no row names. Ages are of real time, as uploads
/// take real time however virtual time is moved; `named` must look at committed state, and may be asked in any order.
///
/// # Errors
/// The first error of `named` or of the blobs; what was deleted before stays deleted.
pub async fn sweep<E, W>(blobs: &dyn Blobs, clock: &dyn Clock, mut named: impl FnMut(BlobId) -> W) -> Result<Swept, E>
where
    E: From<BlobError>,
    W: Future<Output = Result<bool, E>>,
{
    let (mut swept, mut after) = (Swept::default(), None);
    loop {
        let page = blobs.list(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(swept) };
        after = Some(last.id.clone());
        swept.seen += page.len();
        for blob in page.into_iter().filter(|blob| is_old(blob, clock)) {
            if !named(blob.id.clone()).await? {
                blobs.delete(&blob.id).await?;
                swept.deleted += 1;
            }
        }
    }
}

fn is_old(blob: &BlobInfo, clock: &dyn Clock) -> bool {
    clock.real_now().since(blob.written) > GRACE
}
