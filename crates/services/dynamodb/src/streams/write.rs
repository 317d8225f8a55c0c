//! Records, written in the transaction of the change that they are of.

use bytes::{BufMut, Bytes, BytesMut};
use updraft_expr::dynamodb::Item;
use updraft_store::{StoreError, Tx, encode_row};

use crate::keys::streams::{Shard, shard_of, suffix};
use crate::model::key::PrimaryKey;
use crate::model::stream::{Changed, Recorded};
use crate::model::table::Table;
use crate::table::Session;

/// What one row holds of a record. The store takes twice as much.
const PIECE: usize = 256 * 1024;

/// Records what has happened to an item, if the table has a stream and anything has. Appends, so that writes of different
/// items never meet here: it reads nothing, and the place is the commit's version.
pub(crate) fn note(
    tx: &mut Tx,
    session: &mut Session<'_>,
    table: &Table,
    key: &PrimaryKey,
    change: [Option<&Item>; 2],
) -> Result<(), StoreError> {
    let Some(stream) = &table.stream else { return Ok(()) };
    let Some(view) = &stream.view else { return Ok(()) };
    let [old, new] = change;
    let Some(item) = new.or(old) else { return Ok(()) };
    let keys = table.keys.only(item);
    let changed = Changed { keys: &keys, old, new };
    let Some(record) = Recorded::of(changed, view, session.now, session.expired) else { return Ok(()) };
    let number = session.next();
    let shard = Shard { scope: session.scope, stream: stream.id, number: shard_of(key, stream.shards) };
    for (piece, value) in (0..).zip(split(&encode_row(&record)?)) {
        tx.raw().put_versioned(shard.prefix(), suffix(number, piece), value);
    }
    tx.touch(shard.topic());
    Ok(())
}

/// The first piece begins with the number of them.
fn split(whole: &Bytes) -> Vec<Bytes> {
    let chunks = whole.chunks(PIECE);
    let count = u8::try_from(chunks.len()).unwrap_or(u8::MAX);
    let piece = |(position, chunk): (usize, &[u8])| {
        if position > 0 {
            return whole.slice_ref(chunk);
        }
        let mut first = BytesMut::with_capacity(chunk.len() + 1);
        first.put_u8(count);
        first.extend_from_slice(chunk);
        first.freeze()
    };
    chunks.enumerate().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_lies_in_as_many_rows_as_it_needs() {
        for (size, count) in [(1, 1), (PIECE, 1), (PIECE + 1, 2), (4 * PIECE + 1, 5)] {
            let pieces = split(&vec![7; size].into());
            assert_eq!((pieces.len(), pieces[0][0]), (count, u8::try_from(count).unwrap()));
            assert_eq!(pieces.iter().map(Bytes::len).sum::<usize>(), size + 1);
        }
    }
}
