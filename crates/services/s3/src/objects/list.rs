//! Walking through keys: what has a prefix, what lies behind a marker, and what a delimiter puts together.

use bytes::Bytes;
use updraft_kernel::AwsError;
use updraft_store::{KeyRange, ScanOptions, Tx};

use super::keys::version_of;
use super::row::Version;
use super::table;
use crate::keys::{Numbered, ObjectVersionKey};

/// Rows read at first, and again after each jump; twice as many when they all were wanted.
const FIRST: usize = 32;
const MOST: usize = 1000;
/// Older versions of a key that are read over before the rest is jumped.
const OVER: usize = 8;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) prefix: &'a str,
    /// Empty: none.
    pub(crate) delimiter: &'a str,
    /// Only what comes behind this; empty: all.
    pub(crate) after: &'a str,
    pub(crate) most: usize,
}

/// An object or what several have in common.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Object { key: String, version: Box<Version> },
    Prefix(String),
}

impl Entry {
    /// What comes behind this is the rest.
    pub(crate) fn marker(&self) -> &str {
        match self {
            Self::Object { key, .. } => key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    pub(crate) more: bool,
}

/// The prefix that a delimiter makes of a key.
pub(crate) fn common<'k>(key: &'k str, prefix: &str, delimiter: &str) -> Option<&'k str> {
    if delimiter.is_empty() {
        return None;
    }
    let at = key.get(prefix.len()..)?.find(delimiter)?;
    key.get(..prefix.len() + at + delimiter.len())
}

/// What of a range comes behind a marker. A marker that ends in the delimiter is what several keys have in common.
pub(crate) fn behind(bucket: Numbered<'_>, range: KeyRange, asked: Asked<'_>) -> KeyRange {
    if asked.after.is_empty() {
        return range;
    }
    let end = match common(asked.after, asked.prefix, asked.delimiter).filter(|_| asked.after.starts_with(asked.prefix))
    {
        Some(prefix) => bucket.objects_starting(prefix).end,
        None => table::versions(bucket, asked.after).end,
    };
    range.from(end)
}

/// The objects that there are now.
///
/// # Errors
/// If the store fails.
pub(crate) async fn objects(tx: &mut Tx, bucket: Numbered<'_>, asked: Asked<'_>) -> Result<Page, AwsError> {
    let mut walk = Walk { bucket, asked, page: Page::default(), last: None, over: 0 };
    if asked.most == 0 {
        return Ok(walk.page);
    }
    let range = behind(bucket, bucket.objects_starting(asked.prefix), asked);
    let mut rest = (!range.is_empty()).then_some(range);
    let mut size = if asked.delimiter.is_empty() { MOST.min(asked.most + 1) } else { FIRST };
    while let Some(range) = rest.take() {
        let options = ScanOptions::limit(size);
        let page = tx.rows::<ObjectVersionKey<'_>>(range.clone(), options).await?;
        let next = page.resume().cloned();
        let jump = match walk.rows(page.rows)? {
            Step::Full => break,
            Step::Jump(to) => Some(to),
            Step::On => None,
        };
        size = if jump.is_some() { FIRST } else { MOST.min(size * 2) };
        rest = match (jump, next) {
            (Some(to), _) => Some(range.from(to)).filter(|range| !range.is_empty()),
            (None, Some(last)) => Some(range.after(&last)),
            (None, None) => None,
        };
    }
    Ok(walk.page)
}

struct Walk<'a> {
    bucket: Numbered<'a>,
    asked: Asked<'a>,
    page: Page,
    /// The key that was seen last: what follows of it is older.
    last: Option<String>,
    over: usize,
}

enum Step {
    /// The page is full, and there is more.
    Full,
    /// Nothing up to there is wanted.
    Jump(Bytes),
    On,
}

impl Walk<'_> {
    fn rows(&mut self, rows: Vec<(Bytes, Version)>) -> Result<Step, AwsError> {
        for (at, version) in rows {
            let (key, _) = version_of(&at)?;
            match self.row(key, version) {
                Step::On => {}
                other => return Ok(other),
            }
        }
        Ok(Step::On)
    }

    fn row(&mut self, key: String, version: Version) -> Step {
        if self.last.as_ref() == Some(&key) {
            self.over += 1;
            return if self.over < OVER { Step::On } else { Step::Jump(table::versions(self.bucket, &key).end) };
        }
        self.over = 0;
        self.last = Some(key.clone());
        if version.is_marker() {
            return Step::On;
        }
        if self.page.entries.len() == self.asked.most {
            self.page.more = true;
            return Step::Full;
        }
        match common(&key, self.asked.prefix, self.asked.delimiter) {
            Some(prefix) => {
                let end = self.bucket.objects_starting(prefix).end;
                self.page.entries.push(Entry::Prefix(prefix.to_owned()));
                Step::Jump(end)
            }
            None => {
                self.page.entries.push(Entry::Object { key, version: Box::new(version) });
                Step::On
            }
        }
    }
}
