//! What one transaction is about to write.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;

use crate::error::StoreError;
use crate::seam::{CommitVersion, KeyRange, Limits, Result};

/// One key's pending change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    Put(Bytes),
    Delete,
    /// Added to what is there when the transaction commits.
    Add(i64),
}

/// A write whose key holds the commit version, which is known only then.
#[derive(Clone, Debug)]
pub struct Versioned {
    pub prefix: Bytes,
    pub suffix: Bytes,
    pub value: Bytes,
}

impl Versioned {
    /// Where it goes once the version is known.
    #[must_use]
    pub fn key(&self, version: CommitVersion) -> Bytes {
        [&self.prefix[..], &version.0.to_be_bytes(), &self.suffix].concat().into()
    }
}

/// The buffered writes. The first one that is over a limit is remembered and fails the commit.
#[derive(Debug, Default)]
pub struct Writes {
    pub keys: BTreeMap<Bytes, Write>,
    pub versioned: Vec<Versioned>,
    /// Ranges deleted before anything now in `keys` was written.
    pub cleared: Vec<KeyRange>,
    bytes: usize,
    refused: Option<StoreError>,
}

impl Writes {
    /// A row, whatever was there.
    pub fn put(&mut self, key: Bytes, value: Bytes, limits: &Limits) {
        self.admit(key.len(), value.len(), limits);
        self.keys.insert(key, Write::Put(value));
    }

    /// No row, whatever was there.
    pub fn delete(&mut self, key: Bytes, limits: &Limits) {
        self.admit(key.len(), 0, limits);
        self.keys.insert(key, Write::Delete);
    }

    /// What was written in the range before this is gone with it.
    pub fn delete_range(&mut self, range: KeyRange) {
        if range.is_empty() {
            return;
        }
        self.keys.retain(|key, _| !range.contains(key));
        self.cleared.push(range);
    }

    /// On top of what this transaction wrote before, if anything.
    pub fn add(&mut self, key: Bytes, delta: i64, limits: &Limits) {
        self.admit(key.len(), 8, limits);
        let base = match self.pending(&key) {
            None => Write::Add(delta),
            Some(Write::Add(before)) => Write::Add(before.wrapping_add(delta)),
            Some(Write::Delete) => Write::Put(counter(delta)),
            Some(Write::Put(value)) => match added(&key, Some(&value), delta) {
                Ok(sum) => Write::Put(sum),
                Err(err) => return self.refuse(err),
            },
        };
        self.keys.insert(key, base);
    }

    /// A row whose key holds the version.
    pub fn put_versioned(&mut self, prefix: Bytes, suffix: Bytes, value: Bytes, limits: &Limits) {
        self.admit(prefix.len() + 8 + suffix.len(), value.len(), limits);
        self.versioned.push(Versioned { prefix, suffix, value });
    }

    /// What this transaction did to the key, if anything.
    #[must_use]
    pub fn pending(&self, key: &[u8]) -> Option<Write> {
        match self.keys.get(key) {
            Some(write) => Some(write.clone()),
            None => self.cleared.iter().any(|range| range.contains(key)).then_some(Write::Delete),
        }
    }

    /// Its writes to single keys of the range, in key order.
    pub fn in_range<'a>(
        &'a self,
        range: &KeyRange,
    ) -> impl DoubleEndedIterator<Item = (&'a Bytes, &'a Write)> + use<'a> {
        let bounds =
            (Bound::Included(range.start.clone()), Bound::Excluded(range.end.clone().max(range.start.clone())));
        self.keys.range(bounds)
    }

    /// Nothing to be done, and nothing to be refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.versioned.is_empty() && self.cleared.is_empty() && self.refused.is_none()
    }

    /// Bytes of keys and values.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes
    }

    /// The first refusal, and the size as a whole.
    ///
    /// # Errors
    /// If anything is over a limit.
    pub fn check(&mut self, limits: &Limits) -> Result<()> {
        if let Some(err) = self.refused.take() {
            return Err(err);
        }
        over("transaction", self.bytes, limits.txn_bytes).map_or(Ok(()), Err)
    }

    /// Fails the commit, unless something has before.
    pub fn refuse(&mut self, err: StoreError) {
        self.refused.get_or_insert(err);
    }

    /// A deleted row that a range turned out to hold; what was written behind the range deletion stays.
    pub fn expand(&mut self, key: Bytes) {
        self.bytes += key.len();
        self.keys.entry(key).or_insert(Write::Delete);
    }

    fn admit(&mut self, key: usize, value: usize, limits: &Limits) {
        self.bytes += key + value;
        let err = over("key", key, limits.key_bytes).or_else(|| over("value", value, limits.value_bytes));
        if let Some(err) = err {
            self.refuse(err);
        }
    }
}

fn over(what: &'static str, size: usize, limit: usize) -> Option<StoreError> {
    (size > limit).then_some(StoreError::TooLarge { what, size, limit })
}

fn counter(value: i64) -> Bytes {
    Bytes::copy_from_slice(&value.to_le_bytes())
}

/// The counter after adding. Wraps, as only that is commutative.
///
/// # Errors
/// [`StoreError::Corrupt`] if what is there is no counter.
pub fn added(key: &[u8], before: Option<&Bytes>, delta: i64) -> Result<Bytes> {
    let before = match before {
        None => 0,
        Some(value) => value.as_ref().try_into().map(i64::from_le_bytes).map_err(|_| StoreError::Corrupt {
            key: key.to_vec(),
            why: "it is no counter of eight bytes".to_owned(),
        })?,
    };
    Ok(counter(before.wrapping_add(delta)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Bytes {
        Bytes::from_static(b"k")
    }

    #[test]
    fn later_writes_build_on_earlier_ones() {
        let mut writes = Writes::default();
        writes.add(key(), 2, &Limits::HOUSE);
        writes.add(key(), 3, &Limits::HOUSE);
        assert_eq!(writes.pending(b"k"), Some(Write::Add(5)));
        writes.delete_range(KeyRange::new("a", "z"));
        assert_eq!(writes.pending(b"k"), Some(Write::Delete));
        writes.add(key(), 4, &Limits::HOUSE);
        assert_eq!(writes.pending(b"k"), Some(Write::Put(counter(4))));
        writes.expand(key());
        assert_eq!(writes.pending(b"k"), Some(Write::Put(counter(4))), "written after the range was deleted");
        assert_eq!(writes.pending(b"b"), Some(Write::Delete));
        assert_eq!(writes.pending(b"zz"), None);
    }

    #[test]
    fn the_first_write_over_a_limit_fails_the_commit() {
        let mut writes = Writes::default();
        writes.put(key(), vec![0; Limits::HOUSE.value_bytes].into(), &Limits::HOUSE);
        writes.check(&Limits::HOUSE).unwrap();
        writes.put(key(), vec![0; Limits::HOUSE.value_bytes + 1].into(), &Limits::HOUSE);
        let err = writes.check(&Limits::HOUSE).unwrap_err();
        assert!(matches!(err, StoreError::TooLarge { what: "value", .. }), "{err}");
    }

    #[test]
    fn a_counter_is_eight_bytes() {
        let odd = Bytes::from_static(b"text");
        assert!(matches!(added(b"k", Some(&odd), 1), Err(StoreError::Corrupt { .. })));
        assert_eq!(added(b"k", Some(&counter(i64::MAX)), 1).unwrap(), counter(i64::MIN));
    }
}
