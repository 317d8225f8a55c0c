//! Every key type of this service, with a test of its order. The tag byte is in `updraft_store::tags`.
//!
//! How everything lies, behind the tag:
//!
//! | key | what |
//! |---|---|
//! | `""`, name | who has the name: names are global across accounts |
//! | account, 1, name | a bucket, in the order of `ListBuckets` |
//! | account, 2, number, kind, id | a configuration of the bucket |
//! | account, 3, number, key, newest first | a version of an object, a delete marker, or the object itself |
//! | account, 4, number, key, … | an upload in parts, in the order of `ListMultipartUploads` |
//! | account, 5, number, … | what else belongs to the bucket: parts, bytes of small objects |
//! | `""`, 1, blob | whose a blob is |
//!
//! The account is the bucket's owner's, so that emptying an account takes its buckets with all that is in them; a name
//! whose bucket is gone that way is nobody's. Keys of objects are text, whose order is that of their UTF-8 bytes: S3's.
//! Versions of one key follow each other, the newest first: the number behind the key counts down from
//! [`ObjectVersionKey::FIRST`].

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::AccountId;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

use crate::config::{Kept, Kind};
use crate::model::bucket::Bucket;

/// Kinds of rows within an account; never reused.
const BUCKET: u8 = 1;
const CONFIG: u8 = 2;
const OBJECT: u8 = 3;
const UPLOAD: u8 = 4;
const BESIDE: u8 = 5;

/// Whose a name is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) account: AccountId,
}

impl Row for Owner {
    const VERSION: u8 = 1;
}

/// A name, whoever has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameKey<'a>(pub(crate) &'a str);

impl Key for NameKey<'_> {
    type Row = Owner;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::S3).str("").str(self.0).build()
    }
}

/// A bucket by its owner and name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BucketKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) name: &'a str,
}

impl Key for BucketKey<'_> {
    type Row = Bucket;
    fn encode(&self) -> Bytes {
        scope(self.account, BUCKET).str(self.name).build()
    }
}

impl BucketKey<'_> {
    /// All buckets of an account whose names begin so, by name.
    pub(crate) fn starting(account: &AccountId, prefix: &str) -> KeyRange {
        scope(account, BUCKET).str_starting(prefix)
    }
}

/// Whose rows are meant: the owner's account and the bucket's number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) number: u64,
}

impl<'a> Numbered<'a> {
    pub(crate) fn of(bucket: &'a Bucket) -> Self {
        Self { account: &bucket.account, number: bucket.number }
    }

    fn key(self, kind: u8) -> KeyBuilder {
        scope(self.account, kind).u64(self.number)
    }

    /// Begins the keys of a key's versions.
    pub(crate) fn versions(self, key: &str) -> KeyBuilder {
        self.key(OBJECT).str(key)
    }

    /// All versions of the objects whose keys begin so.
    pub(crate) fn objects_starting(self, prefix: &str) -> KeyRange {
        self.key(OBJECT).str_starting(prefix)
    }

    /// Begins the keys of uploads.
    pub(crate) fn uploads(self) -> KeyBuilder {
        self.key(UPLOAD)
    }

    /// Begins the keys of what lies beside objects.
    pub(crate) fn beside(self) -> KeyBuilder {
        self.key(BESIDE)
    }

    /// All versions of all objects, in the order in which they are listed.
    pub(crate) fn objects(self) -> KeyRange {
        self.key(OBJECT).prefix_range()
    }

    pub(crate) fn configurations(self) -> KeyRange {
        self.key(CONFIG).prefix_range()
    }

    /// All configurations of a kind, by their ids.
    pub(crate) fn configurations_of(self, kind: Kind) -> KeyRange {
        self.key(CONFIG).u8(kind as u8).prefix_range()
    }

    /// What may be left when the bucket is gone: its configurations, and uploads that nobody completed.
    pub(crate) fn leftovers(self) -> [KeyRange; 3] {
        [CONFIG, UPLOAD, BESIDE].map(|kind| self.key(kind).prefix_range())
    }
}

/// A configuration of a bucket. `id`: empty where there is one of its kind only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConfigKey<'a> {
    pub(crate) bucket: Numbered<'a>,
    pub(crate) kind: Kind,
    pub(crate) id: &'a str,
}

impl Key for ConfigKey<'_> {
    type Row = Kept;
    fn encode(&self) -> Bytes {
        self.bucket.key(CONFIG).u8(self.kind as u8).str(self.id).build()
    }
}

/// Where a version of an object lies. The row is for `objects` to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectVersionKey<'a> {
    pub(crate) bucket: Numbered<'a>,
    pub(crate) key: &'a str,
    /// Counts versions of the key upwards.
    pub(crate) version: u64,
}

impl ObjectVersionKey<'_> {
    /// Versions count down from here in keys.
    pub(crate) const FIRST: u64 = u64::MAX;

    pub(crate) fn bytes(&self) -> Bytes {
        self.bucket.key(OBJECT).str(self.key).u64(Self::FIRST - self.version).build()
    }
}

fn scope(account: &AccountId, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::S3).str(account.as_str()).u8(kind)
}

/// The name in the key of a bucket.
///
/// # Errors
/// If it isn't one.
pub(crate) fn name_of(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::S3)?;
    let _account = reader.str()?;
    let _kind = reader.u8()?;
    reader.str()
}

/// The id in the key of a configuration.
///
/// # Errors
/// If it isn't one.
pub(crate) fn id_of(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::S3)?;
    let _account = reader.str()?;
    let (_kind, _number, _which) = (reader.u8()?, reader.u64()?, reader.u8()?);
    reader.str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_keys() {
        let account = AccountId::local();
        let bucket = Numbered { account: &account, number: 258 };
        let keys = [
            (NameKey("b").encode(), r"\x02\x00\x02b\x00"),
            (BucketKey { account: &account, name: "b" }.encode(), r"\x02000000000000\x00\x15\x01\x02b\x00"),
            (
                ConfigKey { bucket, kind: Kind::Cors, id: "i" }.encode(),
                r"\x02000000000000\x00\x15\x02\x16\x01\x02\x15\x04\x02i\x00",
            ),
            (
                ObjectVersionKey { bucket, key: "k", version: 0 }.bytes(),
                r"\x02000000000000\x00\x15\x03\x16\x01\x02\x02k\x00\x1c\xff\xff\xff\xff\xff\xff\xff\xff",
            ),
        ];
        for (key, bytes) in keys {
            assert_eq!(key.escape_ascii().to_string(), format!(r"\x16{bytes}"));
        }
    }

    #[test]
    fn objects_lie_as_they_are_listed_and_the_newest_version_first() {
        let account = AccountId::local();
        let (bucket, next) = (Numbered { account: &account, number: 255 }, Numbered { account: &account, number: 256 });
        let at = |key, version| ObjectVersionKey { bucket, key, version }.bytes();
        let listed =
            [at("", 1), at("A", 1), at("a", 300), at("a", 2), at("a", 1), at("a\0", 1), at("a!", 1), at("é", 1)];
        assert!(listed.is_sorted());
        let range = bucket.objects();
        assert!(listed.iter().all(|key| range.contains(key)));
        assert!(!range.contains(&ObjectVersionKey { bucket: next, key: "a", version: 1 }.bytes()));
        assert!(!range.contains(&ConfigKey { bucket, kind: Kind::Cors, id: "" }.encode()));
    }

    #[test]
    fn a_name_begins_with_what_is_asked_for() {
        let account = AccountId::local();
        let range = BucketKey::starting(&account, "ab");
        let key = |name| BucketKey { account: &account, name }.encode();
        assert!(range.contains(&key("ab")) && range.contains(&key("abc")));
        assert!(!range.contains(&key("a")) && !range.contains(&key("ac")));
        assert_eq!(name_of(&key("abc")).unwrap(), "abc");
    }
}
