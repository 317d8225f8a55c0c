//! Reading the records of a shard.

use bytes::Bytes;
use updraft_kernel::UnixMillis;
use updraft_store::{Result, ScanOptions, StoreError, Tx, decode_row};

use crate::keys::streams::{Shard, place};
use crate::model::stream::{Place, Recorded, StreamRow};

/// Rows read at once.
const ROWS: usize = 1000;
/// Bytes of rows read at once.
const BYTES: usize = 2 << 20;

/// A record and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) record: Recorded,
}

/// What a reader wants at most. One record is always taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub(crate) records: usize,
    /// As AWS counts them.
    pub(crate) bytes: u64,
}

/// Records from this place on, as many as may be.
pub(crate) async fn records(tx: &mut Tx, shard: Shard<'_>, from: Place, most: Most) -> Result<Vec<Found>> {
    let mut range = shard.from(from);
    let (mut found, mut bytes, mut joining) = (Vec::new(), 0, Joining::default());
    while found.len() < most.records {
        // Each record is a row, or a few.
        let options = ScanOptions::limit(ROWS.min(most.records - found.len() + 8)).max_bytes(BYTES);
        let page = tx.raw().scan(range.clone(), options).await?;
        for (key, value) in &page.rows {
            let Some(one) = joining.add(key, value)? else { continue };
            if !found.is_empty() && bytes + one.record.bytes > most.bytes {
                return Ok(found);
            }
            bytes += one.record.bytes;
            found.push(one);
            if found.len() == most.records {
                return Ok(found);
            }
        }
        match page.rows.last().filter(|_| page.more) {
            Some((last, _)) => range = range.after(last),
            None => break,
        }
    }
    Ok(found)
}

/// The first record from this place on.
pub(crate) async fn first(tx: &mut Tx, shard: Shard<'_>, from: Place) -> Result<Option<Found>> {
    let most = Most { records: 1, bytes: u64::MAX };
    Ok(records(tx, shard, from, most).await?.pop())
}

/// The place of the last record of a shard.
pub(crate) async fn last(tx: &mut Tx, shard: Shard<'_>) -> Result<Option<Place>> {
    let options = ScanOptions { reverse: true, ..ScanOptions::limit(1) };
    let page = tx.raw().scan(shard.all(), options).await?;
    page.rows.first().map(|(key, _)| place(key).map(|(place, _)| place)).transpose()
}

/// Behind all that is there.
pub(crate) async fn end(tx: &mut Tx, stream: &StreamRow, shard: Shard<'_>) -> Result<Place> {
    let last = last(tx, shard).await?.or(stream.trimmed_to(shard.number));
    Ok(last.map(Place::next).unwrap_or_default())
}

/// The first record of this moment or later; behind all of them where there is none.
pub(crate) async fn since(tx: &mut Tx, stream: &StreamRow, shard: Shard<'_>, at: UnixMillis) -> Result<Place> {
    let mut from = Place::default();
    while let Some(found) = first(tx, shard, from).await? {
        if found.record.at >= at {
            return Ok(found.place);
        }
        from = found.place.next();
    }
    end(tx, stream, shard).await
}

/// Puts the pieces of records together, which lie one behind the other.
#[derive(Debug, Default)]
pub(super) struct Joining {
    bytes: Vec<u8>,
    missing: u8,
}

impl Joining {
    /// The record, if this was the last of it.
    pub(super) fn add(&mut self, key: &[u8], value: &Bytes) -> Result<Option<Found>> {
        let (at, piece) = place(key)?;
        let corrupt = |why: &str| StoreError::Corrupt { key: key.to_vec(), why: why.to_owned() };
        if piece == 0 {
            let (count, body) = value.split_first().ok_or_else(|| corrupt("an empty record"))?;
            self.bytes = body.to_vec();
            self.missing = *count;
        } else {
            self.bytes.extend_from_slice(value);
        }
        self.missing = self.missing.checked_sub(1).ok_or_else(|| corrupt("a piece of no record"))?;
        if self.missing > 0 {
            return Ok(None);
        }
        Ok(Some(Found { place: at, record: decode_row(key, &self.bytes)? }))
    }
}
