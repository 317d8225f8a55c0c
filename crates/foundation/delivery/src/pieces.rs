//! Payloads that are too large for one row: they lie in several, beside the delivery, and are never written again.

use bytes::Bytes;
use updraft_store::{Result, Topic, Tx};

use crate::keys::piece;
use crate::rows::{Pieces, Stored};

/// What one row holds; payloads up to this are in the delivery itself.
pub(crate) const PIECE: usize = 256 * 1024;

/// The largest payload; with it and what follows from a delivery, a transaction stays within the house's limit.
pub(crate) const MOST: usize = 16 << 20;

/// Takes a large payload out of the delivery and writes it in pieces.
pub(crate) fn split(tx: &mut Tx, stored: Stored) -> Stored {
    if stored.delivery.payload.len() <= PIECE {
        return stored;
    }
    let mut stored = stored;
    let payload = Bytes::from(std::mem::take(&mut stored.delivery.payload));
    let mut count = 0;
    let mut rest = payload.clone();
    while !rest.is_empty() {
        tx.raw().put(piece(&stored.delivery.id, count), rest.split_to(rest.len().min(PIECE)));
        count += 1;
    }
    Stored { pieces: Some(Pieces { count, hash: hash(&payload) }), ..stored }
}

/// Puts the payload back. `None`: it isn't what was written.
///
/// # Errors
/// If the store fails.
pub(crate) async fn join(tx: &mut Tx, mut stored: Stored) -> Result<Option<Stored>> {
    let Some(pieces) = stored.pieces else { return Ok(Some(stored)) };
    let keys: Vec<_> = keys(&stored.delivery.id, pieces).collect();
    let found = tx.raw().get_many(&keys).await?;
    let payload = found.into_iter().flatten().collect::<Vec<_>>().concat();
    if hash(&payload) != pieces.hash {
        return Ok(None);
    }
    stored.delivery.payload = payload;
    Ok(Some(stored))
}

/// Without the payload, where that lies in pieces.
pub(crate) fn without_payload(mut stored: Stored) -> Stored {
    if stored.pieces.is_some() {
        stored.delivery.payload = Vec::new();
    }
    stored
}

/// Goes with the delivery.
pub(crate) fn remove(tx: &mut Tx, id: &str, pieces: Option<Pieces>) {
    for key in pieces.into_iter().flat_map(|pieces| keys(id, pieces)) {
        tx.raw().delete(key);
    }
}

fn keys(id: &str, pieces: Pieces) -> impl Iterator<Item = Bytes> {
    (0..pieces.count).map(move |n| piece(id, n))
}

fn hash(payload: &[u8]) -> u64 {
    Topic::of(&[payload]).0
}
