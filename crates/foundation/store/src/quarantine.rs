//! Rows that nobody can read are put aside: out of the way of all others, and still there for whoever looks into it.

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64;

use crate::key::{KeyBuilder, KeyReader};
use crate::seam::{KeyRange, Result, ScanOptions};
use crate::tx::Tx;

/// Of a longer key this much is kept, and a hash of the whole, so that the key fits every backend.
const KEPT: usize = 1_500;

/// Where one owner of rows puts aside what it can't read: `(tag, kind, former key) -> the value as it was`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarantine {
    tag: u8,
    kind: u8,
}

/// A row that was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAside {
    /// Where it lay; cut if it is very long.
    pub key: Bytes,
    pub value: Bytes,
}

impl Quarantine {
    /// `kind` is the second element of the owner's keys, like that of its other rows.
    #[must_use]
    pub const fn new(tag: u8, kind: u8) -> Self {
        Self { tag, kind }
    }

    /// Moves the row here when `tx` commits. `false`: it isn't there any more as it was found, and stays.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn put_aside(self, tx: &mut Tx, key: &Bytes, value: &Bytes) -> Result<bool> {
        if tx.raw().get(key).await?.as_ref() != Some(value) {
            return Ok(false);
        }
        tx.raw().delete(key.clone());
        self.keep(tx, key, value);
        Ok(true)
    }

    /// Puts only a copy here, of a row that can be made anew.
    pub fn keep(self, tx: &mut Tx, key: &[u8], value: &Bytes) {
        tx.raw().put(self.key(key), value.clone());
    }

    /// The first of what was put aside.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn list(self, tx: &mut Tx, limit: usize) -> Result<Vec<PutAside>> {
        let page = tx.raw().scan(self.range(), ScanOptions::limit(limit).untracked()).await?;
        page.rows.into_iter().map(|(key, value)| Ok(PutAside { key: self.former(&key)?, value })).collect()
    }

    fn range(self) -> KeyRange {
        KeyBuilder::new(self.tag).u8(self.kind).prefix_range()
    }

    fn key(self, former: &[u8]) -> Bytes {
        let builder = KeyBuilder::new(self.tag).u8(self.kind);
        match former.get(..KEPT) {
            Some(head) if head.len() < former.len() => builder.bytes(head).u64(xxh3_64(former)).build(),
            _ => builder.bytes(former).build(),
        }
    }

    fn former(self, key: &[u8]) -> Result<Bytes> {
        let mut reader = KeyReader::new(key, self.tag)?;
        let _kind = reader.u8()?;
        reader.bytes().map(Bytes::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags;

    /// On disks: may never change.
    #[test]
    fn golden_key() {
        let aside = Quarantine::new(tags::TEST, 2);
        assert_eq!(&aside.key(b"\x02k\x00")[..], b"\xf0\x15\x02\x01\x02k\x00\xff\x00");
        assert_eq!(&aside.former(&aside.key(b"\x02k\x00")).unwrap()[..], b"\x02k\x00");
    }

    #[test]
    fn long_keys_are_cut_and_still_told_apart() {
        let aside = Quarantine::new(tags::TEST, 2);
        let [one, two] = [b'a', b'b'].map(|last| [&[7; KEPT][..], &[last]].concat());
        assert_ne!(aside.key(&one), aside.key(&two));
        assert!(aside.key(&one).len() < 2_000);
        assert_eq!(aside.former(&aside.key(&one)).unwrap().len(), KEPT);
        assert!(aside.range().contains(&aside.key(&two)));
    }
}
