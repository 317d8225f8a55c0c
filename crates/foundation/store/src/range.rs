//! What callers do with ranges and scan options.

use bytes::Bytes;

use crate::seam::{KeyRange, ScanOptions};

impl KeyRange {
    #[must_use]
    pub fn new(start: impl Into<Bytes>, end: impl Into<Bytes>) -> Self {
        Self { start: start.into(), end: end.into() }
    }

    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        *self.start <= *key && *key < *self.end
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// What is left of this range behind `key`: where the page that ended with `key` goes on.
    #[must_use]
    pub fn after(self, key: &[u8]) -> Self {
        let start = next_key(key).max(self.start);
        Self { start, end: self.end }
    }

    /// What is left from `key` on, itself included.
    #[must_use]
    pub fn from(self, key: impl Into<Bytes>) -> Self {
        Self { start: key.into().max(self.start), end: self.end }
    }

    /// What is left before `key`: where a reversed page that ended with `key` goes on.
    #[must_use]
    pub fn before(self, key: impl Into<Bytes>) -> Self {
        Self { start: self.start, end: key.into().min(self.end) }
    }
}

/// The least key that is greater than `key`.
pub(crate) fn next_key(key: &[u8]) -> Bytes {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    next.into()
}

impl Default for ScanOptions {
    /// Forward, tracked, 1000 rows, 1 MiB.
    fn default() -> Self {
        Self { limit: 1000, max_bytes: 1 << 20, reverse: false, snapshot: false, head: false }
    }
}

impl ScanOptions {
    #[must_use]
    pub fn limit(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    #[must_use]
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    #[must_use]
    pub fn reversed(self) -> Self {
        Self { reverse: true, ..self }
    }

    /// The range is consumed from its front; see [`ScanOptions::head`].
    #[must_use]
    pub fn from_head(self) -> Self {
        Self { head: true, ..self }
    }

    /// The range isn't remembered for conflict checks.
    #[must_use]
    pub fn untracked(self) -> Self {
        Self { snapshot: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_on_where_they_ended() {
        let range = KeyRange::new("b", "d");
        assert!(!range.clone().after(b"b").contains(b"b"));
        assert!(range.clone().after(b"b").contains(b"b\0"), "the very next key isn't skipped");
        assert_eq!(range.clone().after(b"a"), range, "never wider than it was");
        assert!(!range.clone().before("c").contains(b"c"));
        assert_eq!(range.clone().before("x"), range);
        assert!(range.clone().from("c").contains(b"c"));
        assert!(range.after(b"d").is_empty());
    }
}
