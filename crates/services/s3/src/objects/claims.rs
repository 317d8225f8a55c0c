//! What requests say that their bodies add up to, and how answers say it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use updraft_api_s3::types;
use updraft_kernel::AwsError;
use updraft_wire::Trailers;

use super::checksum::{Algorithm, Checksum};
use super::errors::invalid_digest;
use super::receive::{Claimed, ClaimedMd5, invalid_checksum};
use crate::errors::invalid_request;

/// Whatever has a member for the checksum of each algorithm.
pub(crate) trait Sums {
    fn slot(&mut self, of: Algorithm) -> &mut Option<String>;

    /// The checksums that are said.
    fn given(&mut self) -> Vec<(Algorithm, String)> {
        Algorithm::ALL.into_iter().filter_map(|one| Some((one, self.slot(one).take()?))).collect()
    }

    fn tell(&mut self, checksum: &Checksum) {
        *self.slot(checksum.algorithm) = Some(checksum.text());
    }
}

macro_rules! sums {
    ($($name:ident)*) => {$(
        impl Sums for types::$name {
            fn slot(&mut self, of: Algorithm) -> &mut Option<String> {
                match of {
                    Algorithm::Crc32 => &mut self.checksum_crc32,
                    Algorithm::Crc32c => &mut self.checksum_crc32_c,
                    Algorithm::Crc64Nvme => &mut self.checksum_crc64_nvme,
                    Algorithm::Sha1 => &mut self.checksum_sha1,
                    Algorithm::Sha256 => &mut self.checksum_sha256,
                    Algorithm::Sha512 => &mut self.checksum_sha512,
                    Algorithm::Md5 => &mut self.checksum_md5,
                    Algorithm::XxHash64 => &mut self.checksum_xxhash64,
                    Algorithm::XxHash3 => &mut self.checksum_xxhash3,
                    Algorithm::XxHash128 => &mut self.checksum_xxhash128,
                }
            }
        }
    )*};
}

sums! {
    PutObjectInput PutObjectOutput GetObjectOutput HeadObjectOutput UploadPartInput UploadPartOutput
    CompleteMultipartUploadInput CompleteMultipartUploadOutput CompletedPart CopyObjectResult CopyPartResult
    Checksum ObjectPart Part
}

/// What the header says, if it is there.
///
/// # Errors
/// If it isn't a digest.
pub(crate) fn md5(given: Option<&str>, hex: bool) -> Result<Option<ClaimedMd5>, AwsError> {
    let Some(given) = given else { return Ok(None) };
    let value = STANDARD.decode(given).ok().and_then(|value| value.try_into().ok());
    Ok(Some(ClaimedMd5 { value: value.ok_or_else(|| invalid_digest(given))?, hex }))
}

/// The checksum that comes with a body, in a header or behind it.
///
/// # Errors
/// If there are several, or it can't be read.
pub(crate) fn checksum(
    given: Vec<(Algorithm, String)>,
    said: Option<&str>,
    trailers: &Trailers,
) -> Result<Option<Claimed>, AwsError> {
    let mut given = given.into_iter();
    match (given.next(), given.next()) {
        (Some(_), Some(_)) => {
            Err(invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."))
        }
        (Some((algorithm, text)), None) => {
            let value = algorithm.value(&text).ok_or_else(|| invalid_checksum(algorithm))?;
            Ok(Some(Claimed { algorithm, value: Some(value), in_trailer: false }))
        }
        (None, _) => behind(said, trailers),
    }
}

fn behind(said: Option<&str>, trailers: &Trailers) -> Result<Option<Claimed>, AwsError> {
    let announced = trailers.announced().iter().find_map(|name| Algorithm::of_header(name));
    if let Some(algorithm) = announced {
        return Ok(Some(Claimed { algorithm, value: None, in_trailer: true }));
    }
    match said {
        Some(_) => Err(invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers \
             were found.",
        )),
        None => Ok(None),
    }
}

/// The algorithm that a client names.
///
/// # Errors
/// If it is none.
pub(crate) fn algorithm(given: &str) -> Result<Algorithm, AwsError> {
    Algorithm::parse(given).ok_or_else(|| {
        invalid_request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, \
             CRC64NVME, SHA1, SHA256]",
        )
    })
}
