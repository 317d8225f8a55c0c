//! Checksums of objects and parts, by whatever algorithm a client chose.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use xxhash_rust::xxh3::Xxh3Default;
use xxhash_rust::xxh64::Xxh64;

/// The numbers are in rows, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
    Sha512,
    Md5,
    XxHash64,
    XxHash3,
    XxHash128,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 10] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Md5,
        Self::XxHash64,
        Self::XxHash3,
        Self::XxHash128,
    ];

    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Md5 => "MD5",
            Self::XxHash64 => "XXHASH64",
            Self::XxHash3 => "XXHASH3",
            Self::XxHash128 => "XXHASH128",
        }
    }

    pub(crate) fn lower(self) -> String {
        self.name().to_ascii_lowercase()
    }

    /// The header or trailer of its values.
    pub(crate) fn header(self) -> String {
        format!("x-amz-checksum-{}", self.lower())
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name))
    }

    /// By the name of a header or trailer.
    pub(crate) fn of_header(name: &str) -> Option<Self> {
        name.to_ascii_lowercase().strip_prefix("x-amz-checksum-").and_then(Self::parse)
    }

    /// Of a value, in bytes.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme | Self::XxHash64 | Self::XxHash3 => 8,
            Self::Md5 | Self::XxHash128 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The value that a text stands for; `None`: none of this algorithm's.
    pub(crate) fn value(self, text: &str) -> Option<Vec<u8>> {
        STANDARD.decode(text).ok().filter(|value| value.len() == self.width())
    }

    /// Of algorithms whose sums of a whole follow from those of its parts.
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            _ => None,
        }
    }

    pub(crate) fn is_combinable(self) -> bool {
        self.crc().is_some()
    }

    /// The sum of two pieces behind each other, the second of `length` bytes; `None`: that can't be told.
    pub(crate) fn combine(self, first: &[u8], second: &[u8], length: u64) -> Option<Vec<u8>> {
        let sum = crc_fast::checksum_combine(self.crc()?, number(first), number(second), length);
        Some(self.crc_bytes(sum))
    }

    fn crc_bytes(self, sum: u64) -> Vec<u8> {
        sum.to_be_bytes().get(8 - self.width()..).unwrap_or_default().to_vec()
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A sum as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) value: Vec<u8>,
    /// The sum of the sums of so many parts; `None`: of all bytes.
    pub(crate) of_parts: Option<u32>,
}

impl Checksum {
    pub(crate) fn new(algorithm: Algorithm, value: Vec<u8>) -> Self {
        Self { algorithm, value, of_parts: None }
    }

    /// As the API writes it.
    pub(crate) fn text(&self) -> String {
        let value = STANDARD.encode(&self.value);
        self.of_parts.map_or(value.clone(), |parts| format!("{value}-{parts}"))
    }

    /// As the API calls its type.
    pub(crate) fn kind(&self) -> &'static str {
        if self.of_parts.is_some() { "COMPOSITE" } else { "FULL_OBJECT" }
    }
}

/// Adds up what comes.
pub(crate) enum Hasher {
    Crc(Algorithm, crc_fast::Digest),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
    Md5(md5::Md5),
    XxHash64(Box<Xxh64>),
    XxHash3(Box<Xxh3Default>),
    XxHash128(Box<Xxh3Default>),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        if let Some(crc) = algorithm.crc() {
            return Self::Crc(algorithm, crc_fast::Digest::new(crc));
        }
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
            Algorithm::XxHash64 => Self::XxHash64(Box::new(Xxh64::new(0))),
            Algorithm::XxHash3 => Self::XxHash3(Box::default()),
            Algorithm::XxHash128 => Self::XxHash128(Box::default()),
            _ => Self::Md5(md5::Md5::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(_, hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
            Self::Md5(hasher) => hasher.update(bytes),
            Self::XxHash64(hasher) => hasher.update(bytes),
            Self::XxHash3(hasher) | Self::XxHash128(hasher) => hasher.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc(algorithm, hasher) => algorithm.crc_bytes(hasher.finalize()),
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Sha512(hasher) => hasher.finalize().to_vec(),
            Self::Md5(hasher) => hasher.finalize().to_vec(),
            Self::XxHash64(hasher) => hasher.digest().to_be_bytes().to_vec(),
            Self::XxHash3(hasher) => hasher.digest().to_be_bytes().to_vec(),
            Self::XxHash128(hasher) => hasher.digest128().to_be_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(algorithm);
        for piece in bytes.chunks(3) {
            hasher.update(piece);
        }
        Checksum::new(algorithm, hasher.finish()).text()
    }

    /// The first five are recorded from AWS.
    #[test]
    fn sums_are_those_that_aws_answers() {
        assert_eq!(sum(Algorithm::Crc32, b"test-123"), "MAPXAg==");
        assert_eq!(sum(Algorithm::Crc32c, b"test content 123"), "fwuu0Q==");
        assert_eq!(sum(Algorithm::Crc64Nvme, b"test content 123"), "BsLNlKumA5I=");
        assert_eq!(sum(Algorithm::Crc64Nvme, b"aaa"), "Rnr2/5P7Gsk=");
        assert_eq!(sum(Algorithm::Crc32, b"test"), "2H9+DA==");
        assert_eq!(sum(Algorithm::Sha1, b"abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
        assert_eq!(sum(Algorithm::Sha256, b"abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(sum(Algorithm::Md5, b"abc"), "kAFQmDzST7DWlj99KOF/cg==");
    }

    #[test]
    fn values_have_their_algorithms_width_and_name() {
        for algorithm in Algorithm::ALL {
            let text = sum(algorithm, b"abc");
            assert_eq!(algorithm.value(&text).unwrap().len(), algorithm.width(), "{algorithm:?}");
            assert_eq!(Algorithm::of_header(&algorithm.header()), Some(algorithm));
            assert_eq!(algorithm.value("no base64!"), None);
            assert_eq!(algorithm.value("AA=="), None);
        }
    }

    #[test]
    fn the_sum_of_a_whole_follows_from_those_of_its_parts() {
        let (first, second) = (&b"test content "[..], &b"123"[..]);
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let value = |bytes| algorithm.value(&sum(algorithm, bytes)).unwrap();
            let whole = algorithm.combine(&value(first), &value(second), 3).unwrap();
            assert_eq!(Checksum::new(algorithm, whole).text(), sum(algorithm, b"test content 123"));
        }
        assert!(Algorithm::Sha1.combine(&[0; 20], &[0; 20], 1).is_none());
    }
}
