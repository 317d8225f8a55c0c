//! Keys of what objects are made of. Those of their versions are in `crate::keys`.

use bytes::Bytes;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, tags};

use super::row::{self, Named, Part, Upload, Version};
use crate::keys::{Numbered, ObjectVersionKey};

/// Kinds of rows beside objects; never reused.
const INLINE: u8 = 1;
const PART: u8 = 2;
pub(super) const ASIDE: u8 = 3;
pub(crate) const ACCESS: u8 = 4;

impl Key for ObjectVersionKey<'_> {
    type Row = Version;

    fn encode(&self) -> Bytes {
        self.bytes()
    }
}

/// The key and the order in the key of a version.
///
/// # Errors
/// If it isn't one.
pub(crate) fn version_of(key: &[u8]) -> Result<(String, u64)> {
    let mut reader = KeyReader::new(key, tags::S3)?;
    let _account = reader.str()?;
    let (_kind, _number) = (reader.u8()?, reader.u64()?);
    let (name, down) = (reader.str()?, reader.u64()?);
    Ok((name, ObjectVersionKey::FIRST - down))
}

/// The bytes of a small version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InlineKey<'a>(pub(crate) ObjectVersionKey<'a>);

impl Key for InlineKey<'_> {
    type Row = row::Bytes;

    fn encode(&self) -> Bytes {
        self.0.bucket.beside().u8(INLINE).str(self.0.key).u64(self.0.version).build()
    }
}

/// Whose a blob is. Not under an account: an id is all that the sweeper knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlobKey<'a>(pub(crate) &'a str);

impl Key for BlobKey<'_> {
    type Row = Named;

    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::S3).str("").u8(1).str(self.0).build()
    }
}

/// An upload that is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadKey<'a> {
    pub(crate) bucket: Numbered<'a>,
    pub(crate) key: &'a str,
    pub(crate) id: &'a str,
}

impl Key for UploadKey<'_> {
    type Row = Upload;

    fn encode(&self) -> Bytes {
        self.bucket.uploads().str(self.key).str(self.id).build()
    }
}

/// The object's key and the id in the key of an upload.
///
/// # Errors
/// If it isn't one.
pub(crate) fn upload_of(key: &[u8]) -> Result<(String, String)> {
    let mut reader = KeyReader::new(key, tags::S3)?;
    let _account = reader.str()?;
    let (_kind, _number) = (reader.u8()?, reader.u64()?);
    Ok((reader.str()?, reader.str()?))
}

/// A part of an upload, or of what became of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartKey<'a> {
    pub(crate) bucket: Numbered<'a>,
    pub(crate) upload: &'a str,
    pub(crate) number: u32,
}

impl PartKey<'_> {
    /// All of the upload, in their order.
    pub(crate) fn all(&self) -> KeyRange {
        self.bucket.beside().u8(PART).str(self.upload).prefix_range()
    }

    /// Those of this number and above.
    pub(crate) fn from(&self) -> KeyRange {
        self.all().from(self.encode())
    }
}

impl Key for PartKey<'_> {
    type Row = Part;

    fn encode(&self) -> Bytes {
        self.bucket.beside().u8(PART).str(self.upload).u32(self.number).build()
    }
}

/// The number in the key of a part.
///
/// # Errors
/// If it isn't one.
pub(crate) fn number_of(key: &[u8]) -> Result<u32> {
    let mut reader = KeyReader::new(key, tags::S3)?;
    let _account = reader.str()?;
    let (_kind, _number, _what) = (reader.u8()?, reader.u64()?, reader.u8()?);
    let _upload = reader.str()?;
    reader.u32()
}

#[cfg(test)]
mod tests {
    use updraft_kernel::AccountId;

    use super::*;

    #[test]
    fn golden_keys() {
        let account = AccountId::local();
        let bucket = Numbered { account: &account, number: 258 };
        let version = ObjectVersionKey { bucket, key: "k", version: 3 };
        let keys = [
            (InlineKey(version).encode(), r"\x02000000000000\x00\x15\x05\x16\x01\x02\x15\x01\x02k\x00\x15\x03"),
            (BlobKey("ab").encode(), r"\x02\x00\x15\x01\x02ab\x00"),
            (
                UploadKey { bucket, key: "k", id: "u" }.encode(),
                r"\x02000000000000\x00\x15\x04\x16\x01\x02\x02k\x00\x02u\x00",
            ),
            (
                PartKey { bucket, upload: "u", number: 300 }.encode(),
                r"\x02000000000000\x00\x15\x05\x16\x01\x02\x15\x02\x02u\x00\x16\x01,",
            ),
        ];
        for (key, bytes) in keys {
            assert_eq!(key.escape_ascii().to_string(), format!(r"\x16{bytes}"));
        }
    }

    #[test]
    fn parts_lie_by_number_and_apart_from_other_uploads() {
        let account = AccountId::local();
        let bucket = Numbered { account: &account, number: 1 };
        let part = |upload, number| PartKey { bucket, upload, number };
        let keys: Vec<_> = [1, 2, 255, 256, 10_000].map(|number| part("u", number).encode()).into();
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|key| part("u", 1).all().contains(key)));
        assert!(!part("u", 1).all().contains(&part("u2", 1).encode()));
        assert!(part("u", 2).from().contains(&keys[1]) && !part("u", 2).from().contains(&keys[0]));
        assert_eq!(number_of(&keys[4]).unwrap(), 10_000);
    }

    #[test]
    fn what_a_key_was_made_of_is_read_from_it() {
        let account = AccountId::local();
        let bucket = Numbered { account: &account, number: 1 };
        let version = ObjectVersionKey { bucket, key: "a/\0é", version: 7 };
        assert_eq!(version_of(&version.encode()).unwrap(), ("a/\0é".to_owned(), 7));
        let upload = UploadKey { bucket, key: "k", id: "u" };
        assert_eq!(upload_of(&upload.encode()).unwrap(), ("k".to_owned(), "u".to_owned()));
    }
}
