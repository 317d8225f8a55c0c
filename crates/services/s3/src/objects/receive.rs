//! Taking bytes in: checked and added up as they come, kept before anything names them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt};
use md5::{Digest as _, Md5};
use updraft_blob::BlobError;
use updraft_kernel::AwsError;
use updraft_wire::{ByteStream, Pieces, Trailers};

use super::checksum::{Algorithm, Checksum, Hasher};
use super::cipher;
use super::encryption::Seal;
use super::errors::{bad_checksum, bad_md5, incomplete_body, too_large};
use super::row::{About, Body, Encryption, Lock, Object, WrappedKey};
use crate::S3;
use crate::errors::invalid_request;

/// Up to here bytes lie in the store: a small object then takes part in the store's group commit, where a file would
/// have three syncs of its own. Above it, they would be written several times over when the store compacts.
const INLINE: u64 = 16 << 10;
/// AWS: what one request may bring.
pub(crate) const LARGEST: u64 = 5 << 30;

/// What a client says its bytes add up to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    pub(crate) md5: Option<ClaimedMd5>,
    pub(crate) checksum: Option<Claimed>,
    /// How this operation writes the names of algorithms.
    pub(crate) lower: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ClaimedMd5 {
    pub(crate) value: [u8; 16],
    /// AWS: `PutObject` tells it in hexadecimal digits, `UploadPart` as it came.
    pub(crate) hex: bool,
}

/// A checksum that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) algorithm: Algorithm,
    /// `None`: it comes in a trailer, or nobody says it.
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) in_trailer: bool,
}

/// Where the bytes are, and what they add up to.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) size: u64,
    /// What their tag is made of.
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
    /// Their CRC64NVME, where it was asked for.
    pub(crate) crc64: Option<[u8; 8]>,
    pub(crate) body: Body,
    /// The bytes, where they are to lie in the store; encrypted.
    pub(crate) inline: Option<Bytes>,
    pub(crate) encryption: Encryption,
    pub(crate) key: WrappedKey,
}

impl Received {
    /// An object of them, and the bytes that are to lie beside it.
    pub(crate) fn object(self, about: About, lock: Lock) -> (Object, Option<Bytes>) {
        let object = Object {
            size: self.size,
            etag: updraft_kernel::hex(&self.md5),
            body: self.body,
            checksum: Some(self.checksum),
            about,
            encryption: self.encryption,
            key: Some(self.key),
            lock,
        };
        (object, self.inline)
    }
}

/// How bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Small ones in the store.
    Object,
    /// As a blob, and with a CRC64NVME beside any other sum.
    Part,
}

/// Reads a body to its end and keeps it. If it isn't what it was said to be, nothing is kept.
///
/// # Errors
/// What is wrong with the body.
pub(crate) async fn receive(
    svc: &S3,
    body: &ByteStream,
    claims: Claims,
    (keep, seal): (Keep, Seal),
) -> Result<Received, AwsError> {
    let length = body.length();
    if let Some(length) = length.filter(|length| *length > LARGEST) {
        return Err(too_large(length, LARGEST));
    }
    let mut sums = Sums::new(claims, length, (body.trailers().clone(), keep));
    let small = keep == Keep::Object && length.is_some_and(|length| length <= INLINE);
    let (body, inline) = if small {
        let bytes = collect(body.take(), &mut sums).await?;
        (Body::Inline, Some(seal.key.seal_small(&bytes)?))
    } else {
        let pieces = cipher::seal(checked(body.take(), &mut sums), &seal.key);
        let stored = svc.parts.blobs.put(pieces).await.map_err(cause)?;
        (Body::Blob(stored.id.to_string()), None)
    };
    let Some(done) = sums.done else { return Err(AwsError::internal("a body was not read to its end")) };
    let Done { checksum, crc64, .. } = done;
    let md5 = tag(svc, done.md5, seal.by);
    Ok(Received { size: sums.size, md5, checksum, crc64, body, inline, encryption: seal.by, key: seal.wrapped })
}

/// AWS: what a client's key encrypts has a tag that says nothing of its bytes.
fn tag(svc: &S3, mut md5: [u8; 16], by: Encryption) -> [u8; 16] {
    if matches!(by, Encryption::Customer(_)) {
        svc.parts.rng.fill(&mut md5);
    }
    md5
}

async fn collect(pieces: Pieces, sums: &mut Sums) -> Result<Bytes, AwsError> {
    let (mut all, mut pieces) = (BytesMut::new(), checked(pieces, sums));
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(cause)?;
        if all.is_empty() && piece.len() > 1 {
            all = piece.into();
        } else {
            all.extend_from_slice(&piece);
        }
    }
    Ok(all.freeze())
}

/// What went wrong with a body, as whoever sends it is to see it.
fn cause(error: BlobError) -> AwsError {
    match error {
        BlobError::Body(source) => source.downcast::<AwsError>().map_or_else(AwsError::internal, |error| *error),
        other => AwsError::from(other),
    }
}

/// The pieces, added up; behind the last one an error, if they aren't what was claimed.
fn checked<'a>(pieces: Pieces, sums: &'a mut Sums) -> BoxStream<'a, Result<Bytes, BlobError>> {
    let failed = |error: AwsError| BlobError::Body(Box::new(error));
    let next = stream::unfold(Some((pieces, sums)), move |state| async move {
        let (mut pieces, sums) = state?;
        match pieces.next().await {
            Some(Ok(bytes)) => {
                sums.add(&bytes);
                Some((Ok(bytes), Some((pieces, sums))))
            }
            Some(Err(error)) => Some((Err(failed(error)), None)),
            None => sums.finish().err().map(|error| (Err(failed(error)), None)),
        }
    });
    next.boxed()
}

struct Done {
    md5: [u8; 16],
    checksum: Checksum,
    crc64: Option<[u8; 8]>,
}

/// What has come so far.
struct Sums {
    claims: Claims,
    length: Option<u64>,
    trailers: Trailers,
    size: u64,
    md5: Md5,
    algorithm: Algorithm,
    chosen: Option<Hasher>,
    crc64: Option<Hasher>,
    done: Option<Done>,
}

impl Sums {
    fn new(claims: Claims, length: Option<u64>, (trailers, keep): (Trailers, Keep)) -> Self {
        // AWS: what has no checksum gets this one.
        let algorithm = claims.checksum.as_ref().map_or(Algorithm::Crc64Nvme, |claimed| claimed.algorithm);
        let apart = keep == Keep::Part && algorithm != Algorithm::Crc64Nvme;
        Self {
            claims,
            length,
            trailers,
            size: 0,
            md5: Md5::new(),
            algorithm,
            chosen: Some(Hasher::new(algorithm)),
            crc64: apart.then(|| Hasher::new(Algorithm::Crc64Nvme)),
            done: None,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        for hasher in self.chosen.iter_mut().chain(&mut self.crc64) {
            hasher.update(bytes);
        }
    }

    fn finish(&mut self) -> Result<(), AwsError> {
        if self.length.is_some_and(|length| length != self.size) {
            return Err(incomplete_body());
        }
        let md5: [u8; 16] = self.md5.finalize_reset().into();
        self.check_md5(md5)?;
        let value = self.chosen.take().map(Hasher::finish).unwrap_or_default();
        self.check_checksum(&value)?;
        let crc64 = self.crc64.take().map_or_else(|| value.clone(), Hasher::finish);
        let checksum = Checksum::new(self.algorithm, value);
        self.done = Some(Done { md5, checksum, crc64: crc64.try_into().ok() });
        Ok(())
    }

    fn check_md5(&self, md5: [u8; 16]) -> Result<(), AwsError> {
        match &self.claims.md5 {
            Some(claimed) if claimed.value != md5 => {
                let expected =
                    if claimed.hex { updraft_kernel::hex(&claimed.value) } else { STANDARD.encode(claimed.value) };
                Err(bad_md5(expected, STANDARD.encode(md5)))
            }
            _ => Ok(()),
        }
    }

    fn check_checksum(&self, value: &[u8]) -> Result<(), AwsError> {
        let Some(claimed) = &self.claims.checksum else { return Ok(()) };
        let name = || if self.claims.lower { self.algorithm.lower() } else { self.algorithm.name().to_owned() };
        let header = self.algorithm.header();
        let expected = match (&claimed.value, claimed.in_trailer) {
            (Some(expected), _) => expected.clone(),
            (None, true) => {
                let text = self
                    .trailers
                    .get(&header)
                    .ok_or_else(|| invalid_request(format!("The trailer {header} is missing.")))?;
                self.algorithm.value(text).ok_or_else(|| invalid_checksum(self.algorithm))?
            }
            (None, false) => return Ok(()),
        };
        if expected == value { Ok(()) } else { Err(bad_checksum(&name())) }
    }
}

pub(crate) fn invalid_checksum(algorithm: Algorithm) -> AwsError {
    invalid_request(format!("Value for {} header is invalid.", algorithm.header()))
}
