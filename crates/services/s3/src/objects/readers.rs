//! Reading to the end what is deleted meanwhile.
//!
//! A blob that is open may be deleted, but parts are opened one after the other. So parts of an object that is gone stay
//! for a while, and for as long as somebody here reads them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_kernel::AwsError;
use updraft_store::{ScanOptions, Tx};

use super::keys::{PartKey, number_of};
use super::table::unname;
use super::write::discard;
use crate::S3;
use crate::keys::Numbered;

/// Parts that are cleared at once.
const PORTION: usize = 200;

/// Who reads parts on this node: how many, by the upload's id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readers(Arc<Mutex<HashMap<String, usize>>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Reading {
    readers: Readers,
    upload: String,
}

impl Readers {
    pub(crate) fn begin(&self, upload: &str) -> Reading {
        *self.0.lock().entry(upload.to_owned()).or_default() += 1;
        Reading { readers: self.clone(), upload: upload.to_owned() }
    }

    fn is_there_any(&self, upload: &str) -> bool {
        self.0.lock().contains_key(upload)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut readers = self.readers.0.lock();
        if let Some(count) = readers.get_mut(&self.upload) {
            *count -= 1;
            if *count == 0 {
                readers.remove(&self.upload);
            }
        }
    }
}

/// What is left of parts that were to be cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    More,
    /// Somebody reads them.
    All,
}

/// Clears parts that no object is made of any more. Their blobs go first: nobody finds them by now.
///
/// # Errors
/// If the store fails.
pub(crate) async fn forget(svc: &S3, tx: &mut Tx, bucket: Numbered<'_>, upload: &str) -> Result<Left, AwsError> {
    if svc.readers.is_there_any(upload) {
        return Ok(Left::All);
    }
    let all = PartKey { bucket, upload, number: 0 }.all();
    let page = tx.rows::<PartKey<'_>>(all, ScanOptions::limit(PORTION)).await?;
    let left = if page.resume().is_some() { Left::More } else { Left::Nothing };
    let mut gone = Vec::new();
    for (key, part) in page.rows {
        tx.delete_row(&PartKey { bucket, upload, number: number_of(&key)? });
        unname(tx, &part.blob, &mut gone)?;
    }
    discard(svc, gone).await;
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reads_counts_until_they_have_done() {
        let readers = Readers::default();
        let (one, two) = (readers.begin("u"), readers.begin("u"));
        drop(one);
        assert!(readers.is_there_any("u") && !readers.is_there_any("v"));
        drop(two);
        assert!(!readers.is_there_any("u"));
    }
}
