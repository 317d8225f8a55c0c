//! What buckets say to pages of other origins.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{CORSConfiguration, CORSRule};
use updraft_kernel::AwsError;
use updraft_store::StoreExt;

use crate::config::{self, Kind};
use crate::{S3, model, table};

/// Whether a page may, and how.
#[derive(Clone, Debug, PartialEq)]
pub enum Sharing {
    NoSuchBucket,
    /// Nothing is said of pages.
    NotEnabled,
    NotAllowed,
    Allowed {
        /// Any origin may.
        anybody: bool,
        methods: Vec<String>,
        exposed: Vec<String>,
        max_age: Option<i32>,
    },
}

impl S3 {
    /// The first rule that holds decides. `headers`: those that the page wants to send, in lower case.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn sharing(
        &self,
        bucket: &str,
        origin: &str,
        method: &str,
        headers: &[String],
    ) -> Result<Sharing, AwsError> {
        let mut tx = self.parts.store.read().await?;
        let Some(bucket) = table::named(&mut tx, bucket).await? else { return Ok(Sharing::NoSuchBucket) };
        let what = (Kind::Cors, &shapes::CORSConfiguration);
        let Some(found) = config::get::<CORSConfiguration>(&mut tx, &bucket, what).await? else {
            return Ok(Sharing::NotEnabled);
        };
        let rule = found.cors_rules.into_iter().find(|rule| model::cors::allows(rule, origin, method, headers));
        Ok(rule.map_or(Sharing::NotAllowed, allowed))
    }
}

fn allowed(rule: CORSRule) -> Sharing {
    Sharing::Allowed {
        anybody: rule.allowed_origins.iter().any(|origin| origin == "*"),
        methods: rule.allowed_methods,
        exposed: rule.expose_headers.unwrap_or_default(),
        max_age: rule.max_age_seconds,
    }
}
