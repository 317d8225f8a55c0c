//! How a key lies in the table. A B-tree takes no more than some 2,700 bytes, keys may have 10,000: so a key's first
//! bytes are the column `head`, and of what is left, nothing for nearly all keys, the index holds a hash. Ordered by
//! `head`, rows are in key order but for long keys with the same head; those are sorted by `tail` when they turn up.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use updraft_store::KeyRange;

/// Bytes of a key that are ordered by the index.
pub(crate) const HEAD: usize = 2_000;

/// Head and tail: as tuples in the order of the keys.
pub(crate) fn split(key: &[u8]) -> (&[u8], &[u8]) {
    key.split_at_checked(HEAD).unwrap_or((key, &[]))
}

/// What stands for the tail in the index.
pub(crate) fn rest(tail: &[u8]) -> Vec<u8> {
    if tail.is_empty() { Vec::new() } else { Sha256::digest(tail).to_vec() }
}

pub(crate) fn join(head: &[u8], tail: &[u8]) -> Bytes {
    if tail.is_empty() { Bytes::copy_from_slice(head) } else { [head, tail].concat().into() }
}

/// Keys as columns of a statement.
#[derive(Debug, Default)]
pub(crate) struct Columns<'a> {
    pub(crate) heads: Vec<&'a [u8]>,
    pub(crate) rests: Vec<Vec<u8>>,
    pub(crate) tails: Vec<&'a [u8]>,
}

impl<'a> FromIterator<&'a Bytes> for Columns<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Bytes>>(keys: I) -> Self {
        let mut columns = Self::default();
        for key in keys {
            let (head, tail) = split(key);
            columns.heads.push(head);
            columns.rests.push(rest(tail));
            columns.tails.push(tail);
        }
        columns
    }
}

/// Ranges as columns of a statement: the bounds, each in its two parts.
#[derive(Debug, Default)]
pub(crate) struct Bounds<'a> {
    pub(crate) from: Vec<&'a [u8]>,
    pub(crate) from_tail: Vec<&'a [u8]>,
    pub(crate) to: Vec<&'a [u8]>,
    pub(crate) to_tail: Vec<&'a [u8]>,
}

impl<'a> FromIterator<&'a KeyRange> for Bounds<'a> {
    fn from_iter<I: IntoIterator<Item = &'a KeyRange>>(ranges: I) -> Self {
        let mut bounds = Self::default();
        for range in ranges {
            let (from, to) = (split(&range.start), split(&range.end));
            bounds.from.push(from.0);
            bounds.from_tail.push(from.1);
            bounds.to.push(to.0);
            bounds.to_tail.push(to.1);
        }
        bounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_ordered_as_the_keys_are() {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        for len in [0, 1, HEAD - 1, HEAD, HEAD + 1, HEAD + 700] {
            keys.extend([0, 1, 255].map(|last| [vec![7; len], vec![last]].concat()));
            keys.push(vec![7; len]);
        }
        let mut by_parts = keys.clone();
        keys.sort();
        by_parts.sort_by(|a, b| split(a).cmp(&split(b)));
        assert_eq!(keys, by_parts);
        assert!(keys.iter().all(|key| join(split(key).0, split(key).1) == key));
    }

    #[test]
    fn only_long_keys_have_a_hash() {
        assert_eq!(rest(split(&[7; HEAD]).1), Vec::<u8>::new());
        assert_eq!(rest(split(&[7; HEAD + 1]).1).len(), 32);
    }
}
