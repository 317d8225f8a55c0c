//! The statements that read, and what becomes of their rows.

use bytes::Bytes;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use updraft_store::buffer::added;
use updraft_store::{KeyRange, Result, StoreError};

use crate::keys::{Columns, HEAD, join, rest, split};

/// A counter's additions beside its value; null for what is no counter.
macro_rules! additions {
    ($row:literal) => {
        concat!(
            "CASE WHEN ",
            $row,
            ".counter IS NOT NULL THEN ARRAY(SELECT a.delta FROM adds a WHERE a.counter = ",
            $row,
            ".counter) END"
        )
    };
}

pub(crate) const GET: &str = concat!("SELECT value, ", additions!("kv"), " FROM kv WHERE head = $1 AND rest = $2");

pub(crate) const GET_MANY: &str = concat!(
    "SELECT asked.n, kv.value, ",
    additions!("kv"),
    " FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS asked(head, rest, n) ",
    "JOIN kv ON kv.head = asked.head AND kv.rest = asked.rest"
);

/// Rows of a range until their number, or the bytes of all but the last two, reach a limit: so many that whoever cuts
/// the page also sees whether there is more. Sizes are known without reading the values.
macro_rules! scan {
    ($order:literal) => {
        concat!(
            "SELECT head, tail, value, ",
            additions!("w"),
            " FROM (",
            "SELECT head, tail, value, counter, ",
            "sum(octet_length(head) + octet_length(tail) + octet_length(value)) ",
            "OVER (ORDER BY ",
            $order,
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS before FROM (",
            "SELECT head, tail, value, counter FROM kv WHERE head >= $1 AND head <= $3 ",
            "AND (head > $1 OR tail >= $2) AND (head < $3 OR tail < $4) ORDER BY ",
            $order,
            " LIMIT $5",
            ") AS k) AS w WHERE before IS NULL OR before < $6 ORDER BY ",
            $order
        )
    };
}

/// In the order of the index, which is key order but for long keys with the same head.
const SCAN: &str = scan!("head");
const SCAN_BACK: &str = scan!("head DESC");
/// In key order; sorts all rows with the same head.
const SCAN_LONG: &str = scan!("head, tail");
const SCAN_LONG_BACK: &str = scan!("head DESC, tail DESC");

/// One question for rows of a range.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) range: KeyRange,
    pub(crate) reverse: bool,
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
    /// There are long keys.
    pub(crate) long: bool,
}

impl Chunk {
    pub(crate) fn sql(&self) -> &'static str {
        match (self.long, self.reverse) {
            (false, false) => SCAN,
            (false, true) => SCAN_BACK,
            (true, false) => SCAN_LONG,
            (true, true) => SCAN_LONG_BACK,
        }
    }

    pub(crate) fn params(&self) -> Vec<Box<dyn ToSql + Sync + Send + '_>> {
        let (from, to) = (split(&self.range.start), split(&self.range.end));
        vec![
            Box::new(from.0),
            Box::new(from.1),
            Box::new(to.0),
            Box::new(to.1),
            Box::new(self.rows),
            Box::new(self.bytes),
        ]
    }

    /// Whether there may be more behind the rows that were found.
    pub(crate) fn was_cut(&self, found: &[(Bytes, Bytes)]) -> bool {
        let sizes = found.iter().rev().skip(1).map(|(key, value)| key.len() + value.len()).sum::<usize>();
        found.len() >= usize::try_from(self.rows).unwrap_or(usize::MAX)
            || sizes >= usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }
}

/// Whether rows came that [`SCAN`] may have put in the wrong order.
pub(crate) fn has_long_keys(rows: &[Row]) -> Result<bool> {
    for row in rows {
        if column::<&[u8]>(row, 0)?.len() >= HEAD {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A key's two columns in the index.
pub(crate) fn key_params(key: &[u8]) -> (&[u8], Vec<u8>) {
    let (head, tail) = split(key);
    (head, rest(tail))
}

pub(crate) fn columns(keys: &[Bytes]) -> Columns<'_> {
    keys.iter().collect()
}

/// A row of [`GET`].
pub(crate) fn got(row: &Row, key: &[u8]) -> Result<Bytes> {
    value(row, 0, key)
}

/// Rows of [`GET_MANY`], in the order asked.
pub(crate) fn got_many(rows: &[Row], keys: &[Bytes]) -> Result<Vec<Option<Bytes>>> {
    let mut found = vec![None; keys.len()];
    for row in rows {
        let nth = usize::try_from(column::<i64>(row, 0)? - 1).unwrap_or(usize::MAX);
        if let (Some(place), Some(key)) = (found.get_mut(nth), keys.get(nth)) {
            *place = Some(value(row, 1, key)?);
        }
    }
    Ok(found)
}

/// Rows of a [`Chunk`].
pub(crate) fn scanned(rows: &[Row]) -> Result<Vec<(Bytes, Bytes)>> {
    let one = |row: &Row| {
        let key = join(column(row, 0)?, column(row, 1)?);
        let value = value(row, 2, &key)?;
        Ok((key, value))
    };
    rows.iter().map(one).collect()
}

/// The value at a column, with the additions at the next.
fn value(row: &Row, at: usize, key: &[u8]) -> Result<Bytes> {
    let mut value = Bytes::copy_from_slice(column(row, at)?);
    for delta in column::<Option<Vec<i64>>>(row, at + 1)?.unwrap_or_default() {
        value = added(key, Some(&value), delta)?;
    }
    Ok(value)
}

pub(crate) fn column<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, at: usize) -> Result<T> {
    row.try_get(at).map_err(StoreError::engine)
}
