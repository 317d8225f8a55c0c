//! Rows of objects: their versions, and the parts that they are made of.

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::acl::Acl;
use super::before;
use super::checksum::{Algorithm, Checksum};
use super::version_id::VersionId;

/// A version of an object, or a marker that says that there is none any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: VersionId,
    /// Grows with each change of the key.
    pub(crate) sequencer: u64,
    pub(crate) at: UnixMillis,
    /// `None`: a delete marker.
    pub(crate) object: Option<Object>,
}

impl Row for Version {
    const VERSION: u8 = 3;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        before::version(version, body)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Object {
    /// In bytes.
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) body: Body,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) about: About,
    pub(crate) encryption: Encryption,
    /// Of its bytes, where they are encrypted; parts have keys of their own.
    pub(crate) key: Option<WrappedKey>,
    pub(crate) lock: Lock,
}

/// Whose key keeps the bytes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Encryption {
    /// They were written when nothing was encrypted.
    None,
    Installation,
    /// A client's, by its MD5.
    Customer([u8; 16]),
}

/// The key of a body, encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrappedKey {
    /// The number of the installation's key that it is kept under; `None`: a client's.
    pub(crate) master: Option<u32>,
    pub(crate) salt: [u8; 16],
    pub(crate) key: [u8; 32],
    pub(crate) tag: [u8; 16],
}

/// What keeps a version from being deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    pub(crate) retention: Option<Retention>,
    /// `None`: nobody ever said.
    pub(crate) hold: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retention {
    pub(crate) mode: Mode,
    pub(crate) until: UnixMillis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    Governance,
    Compliance,
}

/// Where the bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    /// In a row beside this one; nothing is kept of no bytes.
    Inline,
    /// The blob's id.
    Blob(String),
    Parts(Parts),
}

/// The parts of an upload, by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    pub(crate) upload: String,
    pub(crate) count: u32,
    /// What every part but the last has, if they are numbered without gaps from one and have that.
    pub(crate) stride: Option<u64>,
}

/// What a client says of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) expires: Option<String>,
    pub(crate) redirect: Option<String>,
    /// `None`: the usual one.
    pub(crate) storage_class: Option<String>,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) tags: Vec<(String, String)>,
    /// `None`: it is the bucket's owner's, and nobody else is granted anything.
    pub(crate) acl: Option<Acl>,
}

/// The bytes of a small object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bytes {
    #[serde(with = "raw")]
    pub(crate) bytes: bytes::Bytes,
}

impl Row for Bytes {
    const VERSION: u8 = 1;
}

/// Bytes as bytes, not as a sequence of numbers.
mod raw {
    use bytes::Bytes;
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        deserializer.deserialize_bytes(Read)
    }

    struct Read;

    impl Visitor<'_> for Read {
        type Value = Bytes;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
            Ok(Bytes::copy_from_slice(bytes))
        }
    }
}

/// Says whose a blob is, so that it isn't swept away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    pub(crate) account: String,
    /// Of the bucket.
    pub(crate) number: u64,
    pub(crate) what: NamedBy,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NamedBy {
    Version { key: String, order: u64 },
    Part { upload: String, number: u32 },
}

impl Row for Named {
    const VERSION: u8 = 1;
}

/// An upload in parts that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) at: UnixMillis,
    pub(crate) about: About,
    /// What the client chose; `None`: nothing.
    pub(crate) checksum: Option<(Algorithm, Sum)>,
    pub(crate) encryption: Encryption,
    pub(crate) lock: Lock,
}

/// What the checksum of an object in parts is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sum {
    Whole,
    Parts,
}

impl Row for Upload {
    const VERSION: u8 = 3;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        before::upload(version, body)
    }
}

/// A part, of an upload or of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) at: UnixMillis,
    /// What its tag is made of: the MD5 of its bytes, or chance where a client's key keeps them.
    pub(crate) md5: [u8; 16],
    /// What the client chose for it.
    pub(crate) checksum: Checksum,
    /// What the sum of the whole is made of where the client chose none.
    pub(crate) crc64: [u8; 8],
    /// The blob's id.
    pub(crate) blob: String,
    /// Of its bytes, where they are encrypted.
    pub(crate) key: Option<WrappedKey>,
}

impl Row for Part {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        before::part(version, body)
    }
}

impl Version {
    pub(crate) fn is_marker(&self) -> bool {
        self.object.is_none()
    }
}
