//! Uploads in parts.

use md5::{Digest as _, Md5};
use updraft_kernel::{AwsError, Ctx, Rng, RngExt as _};
use updraft_store::Tx;

use super::checksum::{Algorithm, Checksum, Hasher};
use super::errors::{no_such_upload, too_small};
use super::keys::UploadKey;
use super::row::{self, Part, Parts, Sum, Upload};
use crate::errors::invalid_request;
use crate::keys::Numbered;
use crate::model::bucket::Bucket;
use updraft_kernel::hex;

/// AWS: every part but the last has at least so many bytes.
const SMALLEST: u64 = 5 << 20;

/// A new id: uploads of one key are listed in the order in which they began. It says which key it is of.
pub(crate) fn new_id(cx: &Ctx, key: &str, rng: &dyn Rng) -> String {
    let at = u64::try_from(cx.now().0).unwrap_or(0);
    format!("{at:016x}{:016x}{:016x}{}", rng.u64(), rng.u64(), of_key(key))
}

/// Whether it could be the id of an upload of this key, which may be gone by now.
pub(crate) fn may_be_of(id: &str, key: &str) -> bool {
    id.ends_with(&of_key(key))
}

fn of_key(key: &str) -> String {
    let digest: [u8; 16] = Md5::digest(key).into();
    hex(&digest).chars().take(16).collect()
}

/// # Errors
/// If there is no such upload.
pub(crate) async fn find(tx: &mut Tx, bucket: &Bucket, key: &str, id: &str) -> Result<Upload, AwsError> {
    let upload = tx.row(&UploadKey { bucket: Numbered::of(bucket), key, id }).await?;
    upload.ok_or_else(|| no_such_upload(id))
}

/// What an upload's sums are of, by what its client asks for.
///
/// # Errors
/// If that doesn't go together.
pub(crate) fn sums(algorithm: Option<Algorithm>, kind: Option<&str>) -> Result<Option<(Algorithm, Sum)>, AwsError> {
    let Some(algorithm) = algorithm else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let refused = |kind: &str| {
        let name = algorithm.lower();
        invalid_request(format!("The {kind} checksum type cannot be used with the {name} checksum algorithm."))
    };
    match kind {
        Some("FULL_OBJECT") if !algorithm.is_combinable() => Err(refused("FULL_OBJECT")),
        Some("COMPOSITE") if algorithm == Algorithm::Crc64Nvme => Err(refused("COMPOSITE")),
        Some("FULL_OBJECT") => Ok(Some((algorithm, Sum::Whole))),
        None if algorithm == Algorithm::Crc64Nvme => Ok(Some((algorithm, Sum::Whole))),
        Some("COMPOSITE") | None => Ok(Some((algorithm, Sum::Parts))),
        Some(_) => Err(invalid_request("Value for x-amz-checksum-type header is invalid.")),
    }
}

impl Sum {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Whole => "FULL_OBJECT",
            Self::Parts => "COMPOSITE",
        }
    }
}

/// What an object in parts comes to.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) checksum: Checksum,
    pub(crate) parts: Parts,
}

/// Puts parts together, in their order.
///
/// # Errors
/// If one is too small.
pub(crate) fn together(upload: &Upload, id: &str, parts: &[(u32, Part)]) -> Result<Whole, AwsError> {
    let before_last = parts.len().saturating_sub(1);
    if let Some((number, part)) = parts.iter().take(before_last).find(|(_, part)| part.size < SMALLEST) {
        return Err(too_small(*number, &hex(&part.md5), part.size, SMALLEST));
    }
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let mut md5 = Md5::new();
    for (_, part) in parts {
        md5.update(part.md5);
    }
    let etag = format!("{}-{count}", hex(&md5.finalize()));
    let size = parts.iter().map(|(_, part)| part.size).sum();
    let checksum = checksum(upload, parts, count)?;
    let parts = Parts { upload: id.to_owned(), count, stride: stride(parts) };
    Ok(Whole { size, etag, checksum, parts })
}

fn checksum(upload: &Upload, parts: &[(u32, Part)], count: u32) -> Result<Checksum, AwsError> {
    match upload.checksum {
        Some((algorithm, Sum::Parts)) => {
            let mut hasher = Hasher::new(algorithm);
            for (_, part) in parts {
                hasher.update(&part.checksum.value);
            }
            Ok(Checksum { algorithm, value: hasher.finish(), of_parts: Some(count) })
        }
        Some((algorithm, Sum::Whole)) => combined(algorithm, parts, |part| &part.checksum.value),
        None => combined(Algorithm::Crc64Nvme, parts, |part| &part.crc64),
    }
}

fn combined(algorithm: Algorithm, parts: &[(u32, Part)], of: impl Fn(&Part) -> &[u8]) -> Result<Checksum, AwsError> {
    let mut parts = parts.iter().map(|(_, part)| part);
    let first = parts.next().map(|part| of(part).to_vec()).unwrap_or_default();
    let value = parts.try_fold(first, |sum, part| algorithm.combine(&sum, of(part), part.size));
    let value = value.ok_or_else(|| AwsError::internal("sums of parts that can't be put together"))?;
    Ok(Checksum::new(algorithm, value))
}

/// What all parts but the last have, where their numbers have no gaps.
fn stride(parts: &[(u32, Part)]) -> Option<u64> {
    let (_, first) = parts.first()?;
    let numbered = (1..).zip(parts).all(|(place, (number, _))| place == *number);
    let equal = parts.iter().rev().skip(1).all(|(_, part)| part.size == first.size);
    (numbered && equal).then_some(first.size)
}

/// The part as it is kept.
///
/// # Errors
/// If its bytes weren't kept as a part's are.
pub(crate) fn part(cx: &Ctx, received: super::receive::Received) -> Result<Part, AwsError> {
    let (row::Body::Blob(blob), Some(crc64)) = (received.body, received.crc64) else {
        return Err(AwsError::internal("a part that isn't a blob"));
    };
    let super::receive::Received { size, md5, checksum, key, .. } = received;
    Ok(Part { size, at: cx.now(), md5, checksum, crc64, blob, key: Some(key) })
}

#[cfg(test)]
mod tests {
    use updraft_kernel::UnixMillis;

    use super::*;

    fn part(bytes: &[u8], size: u64, algorithm: Algorithm) -> Part {
        let sum = |algorithm| {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(bytes);
            hasher.finish()
        };
        Part {
            size,
            at: UnixMillis(0),
            md5: Md5::digest(bytes).into(),
            checksum: Checksum::new(algorithm, sum(algorithm)),
            crc64: sum(Algorithm::Crc64Nvme).try_into().unwrap(),
            blob: String::new(),
            key: None,
        }
    }

    fn upload(checksum: Option<(Algorithm, Sum)>) -> Upload {
        let (encryption, lock) = (row::Encryption::Installation, row::Lock::default());
        Upload { at: UnixMillis(0), about: row::About::default(), checksum, encryption, lock }
    }

    /// Recorded: `test_get_object_part_checksum[COMPOSITE]` and `test_multipart_copy_object_etag`.
    #[test]
    fn an_object_in_parts_is_added_up_as_aws_does() {
        let one = [(1, part(b"test content 123", 16, Algorithm::Crc32c))];
        let whole = together(&upload(Some((Algorithm::Crc32c, Sum::Parts))), "u", &one).unwrap();
        assert_eq!(whole.etag, "b972025bc34adf8d76d6d51e93c035cc-1");
        assert_eq!((whole.checksum.text().as_str(), whole.checksum.kind()), ("sZB91Q==-1", "COMPOSITE"));
        let whole = together(&upload(None), "u", &one).unwrap();
        assert_eq!((whole.checksum.text().as_str(), whole.checksum.kind()), ("BsLNlKumA5I=", "FULL_OBJECT"));
    }

    #[test]
    fn only_the_last_part_may_be_small() {
        let small = || part(b"a", SMALLEST - 1, Algorithm::Crc32);
        let large = || part(b"b", SMALLEST, Algorithm::Crc32);
        assert!(together(&upload(None), "u", &[(1, small()), (2, large())]).is_err());
        let whole = together(&upload(None), "u", &[(1, large()), (2, small())]).unwrap();
        assert_eq!((whole.size, whole.parts.stride), (2 * SMALLEST - 1, Some(SMALLEST)));
        let gaps = together(&upload(None), "u", &[(1, large()), (3, small())]).unwrap();
        assert_eq!(gaps.parts.stride, None);
    }

    #[test]
    fn algorithms_and_what_they_sum_up_go_together() {
        let of = |algorithm, kind| sums(Some(algorithm), kind).ok().flatten().map(|(_, sum)| sum);
        assert_eq!(of(Algorithm::Crc32, None), Some(Sum::Parts));
        assert_eq!(of(Algorithm::Crc32, Some("FULL_OBJECT")), Some(Sum::Whole));
        assert_eq!(of(Algorithm::Crc64Nvme, None), Some(Sum::Whole));
        assert_eq!(of(Algorithm::Sha256, Some("FULL_OBJECT")), None);
        assert_eq!(of(Algorithm::Crc64Nvme, Some("COMPOSITE")), None);
        assert!(sums(None, Some("COMPOSITE")).is_err());
        assert_eq!(sums(None, None).unwrap(), None);
    }
}
