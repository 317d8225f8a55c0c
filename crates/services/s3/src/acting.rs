//! What the service does of its own accord, in the name of a bucket's owner.

use std::sync::Arc;

use updraft_kernel::{Ctx, Identity, RequestId, RngExt as _};

use crate::S3;
use crate::model::bucket::Bucket;

/// What events call whoever acts.
pub(crate) const SERVICE: &str = "s3.amazonaws.com";

impl S3 {
    /// The context of an act of a service.
    pub(crate) fn acting(&self, bucket: &Bucket, service: &'static str) -> Ctx {
        Ctx {
            identity: Arc::new(Identity::service(bucket.account.clone(), service)),
            account: bucket.account.clone(),
            region: bucket.region.clone(),
            request_id: RequestId::new(self.parts.rng.uuid()),
            clock: Arc::clone(&self.parts.clock),
            rng: Arc::clone(&self.parts.rng),
            endpoint: "".into(),
            trace: None,
            source_ip: None,
            via: None,
        }
    }
}
