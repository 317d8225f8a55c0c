//! Writing keys.

use bytes::Bytes;
use updraft_kernel::{AccountId, Region, UnixMillis};

use super::{BYTES, ESCAPE, NUL, TEXT, ZERO};
use crate::seam::{CommitVersion, KeyRange};

/// Builds one key, element by element. See [the module](super) for the encoding.
#[derive(Clone, Debug)]
pub struct KeyBuilder {
    out: Vec<u8>,
}

impl KeyBuilder {
    /// Begins a key owned by `tag`, one of [`crate::tags`].
    #[must_use]
    pub fn new(tag: u8) -> Self {
        let mut out = Vec::with_capacity(64);
        out.push(tag);
        Self { out }
    }

    /// Begins a key with the elements of another, which is built once for many.
    #[must_use]
    pub fn behind(head: &[u8]) -> Self {
        let mut out = Vec::with_capacity(head.len() + 64);
        out.extend_from_slice(head);
        Self { out }
    }

    /// The account and the region: what follows the tag in every key of a regional service.
    #[must_use]
    pub fn scope(self, account: &AccountId, region: &Region) -> Self {
        self.str(account.as_str()).str(region.as_str())
    }

    #[must_use]
    pub fn str(self, text: &str) -> Self {
        self.ended(TEXT, text.as_bytes())
    }

    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.ended(BYTES, bytes)
    }

    /// Any unsigned integer; equal numbers of any width encode alike and sort among signed ones by value.
    #[must_use]
    pub fn u64(mut self, value: u64) -> Self {
        self.positive(value);
        self
    }

    #[must_use]
    pub fn i64(mut self, value: i64) -> Self {
        if value < 0 {
            self.negative(value)
        } else {
            self.positive(value.unsigned_abs())
        }
        self
    }

    #[must_use]
    pub fn u32(self, value: u32) -> Self {
        self.u64(value.into())
    }

    #[must_use]
    pub fn u16(self, value: u16) -> Self {
        self.u64(value.into())
    }

    #[must_use]
    pub fn u8(self, value: u8) -> Self {
        self.u64(value.into())
    }

    #[must_use]
    pub fn millis(self, at: UnixMillis) -> Self {
        self.i64(at.0)
    }

    /// A commit version where [`put_versioned`](crate::Txn::put_versioned) splices one in: eight bytes, no type byte.
    #[must_use]
    pub fn version(mut self, version: CommitVersion) -> Self {
        self.out.extend(version.0.to_be_bytes());
        self
    }

    #[must_use]
    pub fn build(self) -> Bytes {
        self.out.into()
    }

    /// Every key that begins with these elements, the one made of just them included.
    #[must_use]
    pub fn prefix_range(self) -> KeyRange {
        let mut end = self.out.clone();
        end.push(ESCAPE);
        KeyRange { start: self.out.into(), end: end.into() }
    }

    /// Every key whose next element is text that starts with `head`.
    #[must_use]
    pub fn str_starting(self, head: &str) -> KeyRange {
        self.open(TEXT, head.as_bytes())
    }

    /// Every key whose next element is bytes that start with `head`.
    #[must_use]
    pub fn bytes_starting(self, head: &[u8]) -> KeyRange {
        self.open(BYTES, head)
    }

    fn open(mut self, kind: u8, head: &[u8]) -> KeyRange {
        self.out.push(kind);
        self.escaped(head);
        let end = successor(&self.out);
        KeyRange { start: self.out.into(), end: end.into() }
    }

    fn ended(mut self, kind: u8, body: &[u8]) -> Self {
        self.out.push(kind);
        self.escaped(body);
        self.out.push(NUL);
        self
    }

    fn escaped(&mut self, body: &[u8]) {
        for (n, part) in body.split(|byte| *byte == NUL).enumerate() {
            if n > 0 {
                self.out.extend([NUL, ESCAPE]);
            }
            self.out.extend_from_slice(part);
        }
    }

    fn positive(&mut self, value: u64) {
        let body = value.to_be_bytes();
        let skip = usize::try_from(value.leading_zeros() / 8).unwrap_or(0);
        self.int(ZERO.saturating_add(length(8 - skip)), &body, skip);
    }

    fn negative(&mut self, value: i64) {
        let skip = usize::try_from((value.unsigned_abs().leading_zeros()) / 8).unwrap_or(0);
        // One less, so that a value whose magnitude fills its bytes (-255, -256) still fits and sorts by its length.
        let body = value.wrapping_sub(1).to_be_bytes();
        self.int(ZERO.saturating_sub(length(8 - skip)), &body, skip);
    }

    fn int(&mut self, kind: u8, body: &[u8], skip: usize) {
        self.out.push(kind);
        self.out.extend(body.iter().skip(skip));
    }
}

fn length(bytes: usize) -> u8 {
    u8::try_from(bytes).unwrap_or(8)
}

/// The least byte string that is greater than all that begin with `prefix`.
pub(crate) fn successor(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}
