//! Reading one page of a table or an index.

use updraft_expr::dynamodb::{Item, item_size};
use updraft_kernel::AwsError;
use updraft_store::{KeyRange, ScanOptions, Tx};

use crate::keys::{Rows, Scope};
use crate::model::capacity::{Consumed, read_units};
use crate::model::key::schema_mismatch;
use crate::model::page::{Flow, Found, MAX_BYTES, Reading, Start, key_of};
use crate::model::table::{Index, Table};
use crate::table::{decode, entries, get, items};

/// Rows asked of the store at once.
const CHUNK: usize = 1000;

/// A table, and the index that is read if it isn't the table itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) table: &'a Table,
    pub(crate) index: Option<&'a Index>,
}

impl Source<'_> {
    pub(crate) fn rows(&self) -> Rows<'_> {
        match self.index {
            None => items(self.scope, self.table),
            Some(index) => entries(self.scope, self.table, index),
        }
    }

    /// What of `range` lies behind the row that a page ended with.
    pub(crate) fn behind(&self, range: KeyRange, start: &Start, reverse: bool) -> KeyRange {
        let row = match &start.index {
            None => self.rows().item(&start.table),
            Some(index) => self.rows().entry(index, &start.table),
        };
        if reverse { range.before(row) } else { range.after(&row) }
    }

    /// Reads until the range, the limit or a page's bytes are used up.
    pub(crate) async fn page(
        &self,
        tx: &mut Tx,
        mut range: KeyRange,
        reverse: bool,
        reading: &Reading,
    ) -> Result<Found, AwsError> {
        let mut found = Found::default();
        let mut last: Option<Item> = None;
        while !range.is_empty() {
            let page = tx.raw().scan(range.clone(), options(reading, reverse)).await?;
            for (key, value) in &page.rows {
                let row = decode(key, value)?;
                let (size, at) = (item_size(&row), key_of(self.table, self.index, &row));
                if !found.has_room(size) {
                    found.last = last;
                    return Ok(found);
                }
                let whole = if reading.fetch { self.whole(tx, row, &mut found).await? } else { row };
                if found.take(size, whole, reading) == Flow::Full {
                    found.last = Some(at);
                    return Ok(found);
                }
                last = Some(at);
            }
            let Some((end, _)) = page.rows.last().filter(|_| page.more) else { break };
            range = if reverse { range.before(end.clone()) } else { range.after(end) };
        }
        Ok(found)
    }

    /// The item behind an index row.
    async fn whole(&self, tx: &mut Tx, row: Item, found: &mut Found) -> Result<Item, AwsError> {
        let key = self.table.keys.of_entry(&row).ok_or_else(schema_mismatch)?;
        let whole = get(tx, self.scope, self.table, &key).await?.unwrap_or(row);
        found.fetched.push(item_size(&whole));
        Ok(whole)
    }

    pub(crate) fn consumed(&self, found: &Found, consistent: bool) -> Consumed {
        let units = read_units(found.bytes, consistent);
        // From zero: the sum of nothing is -0.0, which would be told.
        let fetched = found.fetched.iter().fold(0.0, |sum, size| sum + read_units(*size, consistent));
        let Some(index) = self.index else { return Consumed::of_table(units) };
        let mut out = Consumed::of_table(fetched);
        let of = if self.table.is_local(index) { &mut out.locals } else { &mut out.globals };
        of.insert(index.name.clone(), units);
        out
    }
}

fn options(reading: &Reading, reverse: bool) -> ScanOptions {
    let limit = reading.limit.map_or(CHUNK, |limit| limit.min(CHUNK));
    ScanOptions { reverse, ..ScanOptions::limit(limit).max_bytes(MAX_BYTES) }
}
