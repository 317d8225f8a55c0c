//! An execution's state, page by page: its operations in the order in which they began.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_api_lambda::types::Operation;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, ScanOptions, Tx};

use super::arn::ExecutionId;
use super::keys::{OperationKey, SequenceKey, number_of};
use super::rows::{Details, ExecutionRow, OperationRow};
use super::view;
use crate::errors::invalid_parameter;

/// Bytes of payloads in a page, unless its first operation alone has more. What AWS gives is limited by what a call
/// may carry.
const PAGE_BYTES: u64 = 5 << 20;
/// AWS: the most that a request may want, and what it gets that wants nothing.
pub(crate) const MOST: usize = 1_000;
const DEFAULT: usize = 100;
/// AWS: how long a marker is good for.
const MARKER_MILLIS: i64 = 24 * 3_600_000;
/// Rows read at once.
const STRIDE: usize = 250;

pub(crate) fn page_size(asked: Option<i32>) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).filter(|asked| *asked > 0).unwrap_or(DEFAULT).min(MOST)
}

/// Where a page begins, as clients hand it back.
pub(crate) fn marker(now: UnixMillis, number: u64) -> String {
    STANDARD.encode(format!("{} {number}", now.0))
}

/// # Errors
/// If it is none, or too old.
pub(crate) fn read_marker(now: UnixMillis, marker: &str) -> Result<u64, AwsError> {
    let read = || {
        let text = String::from_utf8(STANDARD.decode(marker).ok()?).ok()?;
        let (at, number) = text.split_once(' ')?;
        let age = now.0.checked_sub(at.parse().ok()?)?;
        (age < MARKER_MILLIS).then(|| number.parse().ok())?
    };
    read().ok_or_else(|| invalid_parameter("Invalid marker"))
}

#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) operations: Vec<Operation>,
    /// The number of the operation that the next one begins with.
    pub(crate) next: Option<u64>,
}

/// Collects a page.
struct Filling<'a> {
    id: &'a ExecutionId,
    page: Page,
    bytes: u64,
    limit: usize,
    /// Whether what is in a context is left out, by the function's id of it.
    closed: HashMap<String, bool>,
}

/// `from`: 0 is the execution itself. What is in a context that is over is left out, unless its function said that it
/// will be needed.
///
/// # Errors
/// If the store fails.
pub(crate) async fn page(
    tx: &mut Tx,
    id: &ExecutionId,
    row: &ExecutionRow,
    from: u64,
    limit: usize,
) -> Result<Page, AwsError> {
    let mut filling = Filling { id, page: Page::default(), bytes: 0, limit, closed: HashMap::new() };
    if from == 0 {
        filling.bytes += row.input.len();
        filling.page.operations.push(view::execution_operation(tx, id, row).await?);
    }
    let mut range = OperationKey::all(id);
    if from > 1 {
        range = range.after(&OperationKey(id, from - 1).encode());
    }
    loop {
        let found = tx.rows::<OperationKey<'_>>(range.clone(), ScanOptions::limit(STRIDE)).await?;
        for (key, row) in &found.rows {
            if !filling.add(tx, number_of(key)?, row).await? {
                return Ok(filling.page);
            }
        }
        match found.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(filling.page),
        }
    }
}

impl Filling<'_> {
    /// Whether there was room for it.
    async fn add(&mut self, tx: &mut Tx, number: u64, row: &OperationRow) -> Result<bool, AwsError> {
        if self.is_left_out(tx, row.of.parent.clone()).await? {
            return Ok(true);
        }
        let size = row.size();
        let full = self.page.operations.len() >= self.limit || self.bytes.saturating_add(size) > PAGE_BYTES;
        if full && !self.page.operations.is_empty() {
            self.page.next = Some(number);
            return Ok(false);
        }
        self.bytes = self.bytes.saturating_add(size);
        self.page.operations.push(view::operation(tx, self.id, number, row).await?);
        Ok(true)
    }

    async fn is_left_out(&mut self, tx: &mut Tx, parent: Option<String>) -> Result<bool, AwsError> {
        let (mut above, mut path, mut out) = (parent, Vec::new(), false);
        while let Some(id) = above {
            if let Some(known) = self.closed.get(&id) {
                out = *known;
                break;
            }
            let Some(number) = tx.row(&SequenceKey(self.id, &id)).await? else { break };
            let Some(row) = tx.row(&OperationKey(self.id, number.0)).await? else { break };
            path.push(id);
            if row.state.is_over() && matches!(row.details, Details::Context { replays: false }) {
                out = true;
                break;
            }
            above = row.of.parent;
        }
        self.closed.extend(path.into_iter().map(|id| (id, out)));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_good_for_a_day() {
        let made = marker(UnixMillis(1_000), 7);
        assert_eq!(read_marker(UnixMillis(1_000), &made).unwrap(), 7);
        assert_eq!(read_marker(UnixMillis(1_000 + MARKER_MILLIS - 1), &made).unwrap(), 7);
        assert!(read_marker(UnixMillis(1_000 + MARKER_MILLIS), &made).is_err());
        for bad in ["", "x", "AAAA", &STANDARD.encode("1 x")] {
            assert_eq!(read_marker(UnixMillis(1_000), bad).unwrap_err().message(), "Invalid marker");
        }
    }

    #[test]
    fn nothing_and_zero_are_a_hundred() {
        assert_eq!([None, Some(0), Some(7), Some(5_000)].map(page_size), [100, 100, 7, 1_000]);
    }
}
