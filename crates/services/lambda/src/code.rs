//! Accepting code packages.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use updraft_blob::{BlobId, BlobsExt, ByteRange};
use updraft_kernel::AwsError;
use updraft_kernel::ports::RunnerRefusal;
use updraft_store::StoreExt;

use crate::errors::{invalid_parameter, request_too_large, service};
use crate::keys::{CodeKey, VersionKey};
use crate::model::config::Code;
use crate::{Lambda, table};

/// AWS: a package in the request, in bytes.
const ZIP_LIMIT: usize = 50 << 20;
/// AWS: the request that carries it, as its error says (recorded: `test_oversized_request_create_lambda`).
const REQUEST_LIMIT: usize = 70_167_211;

/// How a zip begins that has no entries: with its end.
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
/// How long that record is, without a comment; what is shorter is no zip at all.
const RECORD: usize = 22;

/// Where a request says its code is.
#[derive(Debug)]
pub(crate) struct CodeSource {
    /// For the error's text.
    pub(crate) operation: &'static str,
    pub(crate) zip: Option<Bytes>,
    pub(crate) bucket: Option<String>,
    pub(crate) image: Option<String>,
}

impl CodeSource {
    /// The package, looked at and found good.
    ///
    /// # Errors
    /// In AWS's words, for what isn't a package.
    pub(crate) fn check(self, svc: &Lambda) -> Result<Bytes, AwsError> {
        let zip = self.bytes()?;
        match svc.runner.check_code(&zip) {
            Ok(_unpacked) => Ok(zip),
            Err(RunnerRefusal::BadCode(what)) => Err(invalid_parameter(what)),
            Err(other) => Err(service(other.to_string())),
        }
    }

    fn bytes(self) -> Result<Bytes, AwsError> {
        let missing = "Please provide a source for function code.";
        match (self.zip, self.bucket, self.image) {
            (Some(zip), None, None) if zip.is_empty() || is_archive_of_nothing(&zip) => {
                Err(invalid_parameter("Uploaded file must be a non-empty zip"))
            }
            (Some(zip), None, None) if zip.len() > ZIP_LIMIT => Err(request_too_large(self.operation, REQUEST_LIMIT)),
            (Some(zip), None, None) => Ok(zip),
            (Some(_), ..) => {
                Err(invalid_parameter("Please do not provide other FunctionCode parameters when providing a ZipFile."))
            }
            // There are no buckets yet, so none of them exists.
            (None, Some(_), None) => Err(invalid_parameter(
                "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket \
                 does not exist",
            )),
            (None, None, None) => Err(invalid_parameter(missing)),
            (None, ..) => Err(invalid_parameter("The package type Zip takes no image")),
        }
    }
}

/// Keeps a package that was checked, before the transaction that names it.
///
/// # Errors
/// If the blobs fail.
pub(crate) async fn keep(svc: &Lambda, zip: Bytes) -> Result<Code, AwsError> {
    let sha256 = Sha256::digest(&zip).into();
    let stored = svc.blobs.put_bytes(zip).await?;
    Ok(Code { blob: stored.id.to_string(), sha256, size: stored.size })
}

impl Lambda {
    /// Whether any version is made of this blob: what the sweeper of blobs asks.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn names_blob(&self, id: &BlobId) -> Result<bool, AwsError> {
        let mut tx = self.store.read().await?;
        for (key, _) in table::all::<CodeKey<'_>>(&mut tx, CodeKey::of(id.as_str())).await? {
            // An account that was emptied leaves these keys behind, for they don't begin with it.
            let (function, version) = CodeKey::read(&key)?;
            let row = tx.row(&VersionKey(&function, version)).await?;
            if row.is_some_and(|row| row.config.code.blob == id.as_str()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The package behind the location that `GetFunction` answers; its random id is what lets one have it. `None`:
    /// no version is made of such a blob.
    ///
    /// # Errors
    /// If the store or the blobs fail.
    pub async fn code_blob(&self, id: &str) -> Result<Option<Bytes>, AwsError> {
        let Ok(id) = BlobId::parse(id) else { return Ok(None) };
        if !self.names_blob(&id).await? {
            return Ok(None);
        }
        Ok(Some(self.blobs.get_bytes(&id, ByteRange::ALL).await?))
    }
}

fn is_archive_of_nothing(zip: &[u8]) -> bool {
    zip.len() >= RECORD && zip.starts_with(EMPTY_ZIP)
}
