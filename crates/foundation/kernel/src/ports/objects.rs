//! Reading objects of buckets. Implemented by the object storage service; used by `services/lambda`, whose code may
//! lie in a bucket.

use std::fmt;

use bytes::Bytes;

use crate::error::{AwsError, ErrorCode};
use crate::{BoxFuture, Ctx};

/// Which object, or which version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    pub bucket: String,
    pub key: String,
    /// `None`: the newest.
    pub version: Option<String>,
}

pub trait ObjectsPort: Send + Sync + fmt::Debug {
    /// The whole object, for the identity in `cx`. `None`: it is larger than `most` bytes.
    fn read<'a>(
        &'a self,
        cx: &'a Ctx,
        object: &'a ObjectName,
        most: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>>;
}

static NO_SUCH_BUCKET: ErrorCode = ErrorCode::sender("NoSuchBucket", 404);

/// Where there is no object storage: no bucket exists.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObjects;

impl ObjectsPort for NoObjects {
    fn read<'a>(&'a self, _: &'a Ctx, _: &'a ObjectName, _: u64) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>> {
        let missing = AwsError::new(&NO_SUCH_BUCKET, "The specified bucket does not exist");
        Box::pin(std::future::ready(Err(missing)))
    }
}
