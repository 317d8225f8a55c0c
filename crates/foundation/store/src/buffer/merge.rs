//! A scan of the snapshot with the transaction's own writes laid over it.

use std::cmp::Ordering;
use std::iter::Peekable;

use bytes::Bytes;

use super::writes::{Write, Writes, added};
use crate::embedded::RowResult;
use crate::seam::{KeyRange, Page, Result, ScanOptions};

type Below<'a> = Box<dyn Iterator<Item = RowResult> + Send + 'a>;
type Above<'a> = Box<dyn Iterator<Item = (&'a Bytes, &'a Write)> + Send + 'a>;

/// The rows as the transaction sees them, in scan order.
#[expect(missing_debug_implementations, reason = "iterators have none")]
pub struct Merged<'a> {
    below: Peekable<Below<'a>>,
    above: Peekable<Above<'a>>,
    writes: &'a Writes,
    reverse: bool,
}

impl<'a> Merged<'a> {
    /// `below` is the snapshot's rows of the range, in scan order.
    #[must_use]
    pub fn new(below: Below<'a>, writes: &'a Writes, range: &KeyRange, reverse: bool) -> Self {
        let own = writes.in_range(range);
        let above: Above<'a> = if reverse { Box::new(own.rev()) } else { Box::new(own) };
        Self { below: below.peekable(), above: above.peekable(), writes, reverse }
    }

    /// The first row of the snapshot, before any is taken.
    pub fn first_below(&mut self) -> Option<Bytes> {
        self.below.peek()?.as_ref().ok().map(|(key, _)| key.clone())
    }

    /// Which side has the next key; `None` when both are through.
    fn order(&mut self) -> Option<Ordering> {
        match (self.below.peek(), self.above.peek()) {
            (None, None) => None,
            (Some(_), None) | (Some(Err(_)), _) => Some(Ordering::Less),
            (None, Some(_)) => Some(Ordering::Greater),
            (Some(Ok((below, _))), Some((above, _))) => {
                let order = below.cmp(above);
                Some(if self.reverse { order.reverse() } else { order })
            }
        }
    }

    /// One step; `Some(None)` is a row that isn't there for this transaction.
    fn step(&mut self) -> Option<Result<Option<(Bytes, Bytes)>>> {
        let order = self.order()?;
        let below = if order.is_le() { self.below.next().transpose() } else { Ok(None) };
        let below = match below {
            Ok(row) => row,
            Err(err) => return Some(Err(err)),
        };
        if order.is_lt() {
            return Some(Ok(below.filter(|(key, _)| self.writes.pending(key).is_none())));
        }
        let (key, write) = self.above.next()?;
        let before = below.map(|(_, value)| value);
        let value = match write {
            Write::Delete => Ok(None),
            Write::Put(value) => Ok(Some(value.clone())),
            Write::Add(delta) => added(key, before.as_ref(), *delta).map(Some),
        };
        Some(value.map(|value| value.map(|value| (key.clone(), value))))
    }
}

impl Iterator for Merged<'_> {
    type Item = RowResult;

    fn next(&mut self) -> Option<RowResult> {
        loop {
            match self.step()? {
                Ok(Some(row)) => return Some(Ok(row)),
                Ok(None) => {}
                Err(err) => return Some(Err(err)),
            }
        }
    }
}

/// Takes rows until a limit ends the page; at least one, if there is one.
///
/// # Errors
/// The first error among the rows.
pub fn page(rows: impl Iterator<Item = RowResult>, options: ScanOptions) -> Result<Page> {
    let mut page = Page::default();
    let mut bytes = 0;
    for row in rows {
        let (key, value) = row?;
        let full = page.rows.len() >= options.limit || bytes >= options.max_bytes;
        if full && (options.limit == 0 || !page.rows.is_empty()) {
            page.more = true;
            break;
        }
        bytes += key.len() + value.len();
        page.rows.push((key, value));
    }
    Ok(page)
}
