//! Asks S3 for the gateway what buckets say to pages of other origins.

use std::sync::Arc;

use updraft_gateway::cors::{CorsGrant, CorsPort, CorsQuestion, CorsRefusal};
use updraft_kernel::{AwsError, BoxFuture};
use updraft_s3::{S3, Sharing};

#[derive(Debug)]
pub(crate) struct Pages(pub(crate) Arc<S3>);

impl CorsPort for Pages {
    fn ask<'a>(
        &'a self,
        question: &'a CorsQuestion,
    ) -> BoxFuture<'a, Result<Result<CorsGrant, CorsRefusal>, AwsError>> {
        Box::pin(async move {
            let CorsQuestion { bucket, origin, method, headers } = question;
            Ok(match self.0.sharing(bucket, origin, method, headers).await? {
                Sharing::NoSuchBucket => Err(CorsRefusal::NoSuchBucket),
                Sharing::NotEnabled => Err(CorsRefusal::NotEnabled),
                Sharing::NotAllowed => Err(CorsRefusal::NotAllowed),
                Sharing::Allowed { anybody, methods, exposed, max_age } => {
                    Ok(CorsGrant { anybody, methods, exposed, max_age })
                }
            })
        })
    }
}
