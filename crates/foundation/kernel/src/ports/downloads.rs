//! Files that an answer gives a location of, rather than carrying them. Implemented by `services/lambda`; used by the
//! gateway.

use std::fmt;

use bytes::Bytes;

use crate::BoxFuture;
use crate::error::AwsError;

/// Fetched with a plain `GET`, signed by nobody: the random id in the location is what lets one have the file, as the
/// signature in AWS's presigned URLs does.
pub trait DownloadsPort: Send + Sync + fmt::Debug {
    /// A function's code package. `None`: no function is made of such a package.
    fn code<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>>;
}
