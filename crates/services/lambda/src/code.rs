//! Accepting code packages.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use updraft_blob::{BlobId, BlobsExt, ByteRange};
use updraft_kernel::ports::{ObjectName, RunnerRefusal};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{invalid_parameter, request_too_large, service, unzipped_too_large};
use crate::keys::{CodeKey, LayerCodeKey, LayerVersionKey, VersionKey};
use crate::model::attached::UNPACKED_LIMIT;
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
#[derive(Debug, Default)]
pub(crate) struct CodeSource {
    /// For the error's text.
    pub(crate) operation: &'static str,
    pub(crate) zip: Option<Bytes>,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) object_version: Option<String>,
    pub(crate) image: Option<String>,
}

/// A package that was looked at and found good.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) zip: Bytes,
    /// How large its content is, in bytes.
    pub(crate) unpacked: u64,
}

impl CodeSource {
    /// # Errors
    /// In AWS's words, for what isn't a package.
    pub(crate) async fn package(self, svc: &Lambda, cx: &Ctx) -> Result<Package, AwsError> {
        let zip = self.bytes(svc, cx).await?;
        if zip.is_empty() || is_archive_of_nothing(&zip) {
            return Err(invalid_parameter("Uploaded file must be a non-empty zip"));
        }
        let unpacked = unpacked_size(svc, &zip)?;
        Ok(Package { zip, unpacked })
    }

    async fn bytes(self, svc: &Lambda, cx: &Ctx) -> Result<Bytes, AwsError> {
        let missing = || invalid_parameter("Please provide a source for function code.");
        match (self.zip, self.bucket, self.image) {
            (Some(zip), None, None) if zip.len() > ZIP_LIMIT => Err(request_too_large(self.operation, REQUEST_LIMIT)),
            (Some(zip), None, None) => Ok(zip),
            (Some(_), ..) => {
                Err(invalid_parameter("Please do not provide other FunctionCode parameters when providing a ZipFile."))
            }
            (None, Some(bucket), None) => {
                let key = self.key.ok_or_else(missing)?;
                object(svc, cx, ObjectName { bucket, key, version: self.object_version }).await
            }
            (None, None, None) => Err(missing()),
            (None, ..) => Err(invalid_parameter("The package type Zip takes no image")),
        }
    }
}

/// AWS: a package in a bucket may be as large as what it unpacks to.
async fn object(svc: &Lambda, cx: &Ctx, name: ObjectName) -> Result<Bytes, AwsError> {
    let read = svc.objects.read(cx, &name, UNPACKED_LIMIT).await.map_err(|error| {
        if error.code().status >= 500 {
            return error;
        }
        let (code, message) = (error.code().name, error.message());
        invalid_parameter(format!("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"))
    })?;
    read.ok_or_else(|| unzipped_too_large(UNPACKED_LIMIT))
}

/// How large a package's content is, in bytes.
///
/// # Errors
/// In AWS's words, for what isn't a package.
pub(crate) fn unpacked_size(svc: &Lambda, zip: &[u8]) -> Result<u64, AwsError> {
    svc.runner.check_code(zip).map_err(|refusal| match refusal {
        RunnerRefusal::BadCode(what) => invalid_parameter(what),
        other => service(other.to_string()),
    })
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

/// The package that was kept.
///
/// # Errors
/// If the blobs fail.
pub(crate) async fn kept(svc: &Lambda, code: &Code) -> Result<Bytes, AwsError> {
    let id = BlobId::parse(&code.blob).map_err(AwsError::internal)?;
    Ok(svc.blobs.get_bytes(&id, ByteRange::ALL).await?)
}

impl Lambda {
    /// Whether any version of a function or layer is made of this blob: what the sweeper of blobs asks.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn names_blob(&self, id: &BlobId) -> Result<bool, AwsError> {
        let mut tx = self.store.read().await?;
        // An account that was emptied leaves these keys behind, for they don't begin with it.
        for (key, _) in table::all::<CodeKey<'_>>(&mut tx, CodeKey::of(id.as_str())).await? {
            let (function, version) = CodeKey::read(&key)?;
            let row = tx.row(&VersionKey(&function, version)).await?;
            let attached = table::attached(&mut tx, &function, version).await?;
            let codes = row.iter().map(|row| &row.config.code).chain(attached.layers.iter().map(|layer| &layer.code));
            if codes.into_iter().any(|code| code.blob == id.as_str()) {
                return Ok(true);
            }
        }
        for (key, _) in table::all::<LayerCodeKey<'_>>(&mut tx, LayerCodeKey::of(id.as_str())).await? {
            let row = tx.row(&LayerVersionKey(&LayerCodeKey::read(&key)?)).await?;
            if row.is_some_and(|row| row.code.blob == id.as_str()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where a package can be had, if it is served.
    pub(crate) fn location(&self, cx: &Ctx, code: &Code) -> Option<String> {
        self.settings.serves_code.then(|| format!("{}/_aws/lambda-code/{}", cx.endpoint, code.blob))
    }

    /// The package behind a location that `GetFunction` and `GetLayerVersion` answer; its random id is what lets one
    /// have it. `None`: no version is made of such a blob.
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
