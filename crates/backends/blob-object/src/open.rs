//! From `s3://bucket/prefix` to a store of objects.

use std::str::FromStr;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use updraft_kernel::Rng;
use url::Url;

use crate::ObjectBlobs;

/// Why blobs can't be kept there.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{url:?} names no bucket; write it as s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION")]
    Url { url: String },
    #[error("{0:?} is no setting of an S3 client")]
    Setting(String),
    #[error("the object store's settings are not right")]
    Settings(#[source] object_store::Error),
}

impl ObjectBlobs {
    /// The objects below `s3://bucket/prefix`. Settings are the URL's query (`endpoint`, `region`, `allow_http`, …)
    /// over `environment`, of which everything that begins with `AWS_` counts: credentials belong there, as URLs are
    /// shown and logged. Nothing is sent yet.
    ///
    /// # Errors
    /// If the URL or a setting isn't right.
    pub fn open(
        url: &str,
        environment: impl IntoIterator<Item = (String, String)>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, OpenError> {
        let wrong = || OpenError::Url { url: url.to_owned() };
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        let bucket = parsed.host_str().filter(|_| parsed.scheme() == "s3").ok_or_else(wrong)?;
        let prefix = Path::parse(parsed.path().trim_matches('/')).map_err(|_| wrong())?;
        give_tls_its_algorithms();
        let mut builder = AmazonS3Builder::new();
        for (name, value) in environment {
            // Others' variables (AWS_PROFILE, …) mean nothing here.
            if let Ok(key) = AmazonS3ConfigKey::from_str(&name.to_ascii_lowercase()) {
                builder = builder.with_config(key, value);
            }
        }
        for (name, value) in parsed.query_pairs() {
            let key = AmazonS3ConfigKey::from_str(&name).map_err(|_| OpenError::Setting(name.into_owned()))?;
            builder = builder.with_config(key, value);
        }
        // Last: an AWS_BUCKET in the environment means another one.
        let objects = builder.with_bucket_name(bucket).build().map_err(OpenError::Settings)?;
        Ok(Self::new(Arc::new(objects), prefix, rng))
    }
}

/// The TLS library is built without a default, which the HTTP client insists on.
fn give_tls_its_algorithms() {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("TLS has its algorithms already");
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::SeededRng;

    use super::*;

    fn open(url: &str) -> Result<ObjectBlobs, OpenError> {
        let environment = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_BUCKET", "other")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        ObjectBlobs::open(url, environment, Arc::new(SeededRng::new(1)))
    }

    #[test]
    fn a_bucket_with_prefix_and_endpoint_is_understood() {
        let blobs = open("s3://b/some/prefix?endpoint=http://127.0.0.1:9000&allow_http=true&region=eu-west-1").unwrap();
        assert_eq!(blobs.prefix.as_ref(), "some/prefix");
        assert!(format!("{blobs:?}").contains("AmazonS3(b)"), "{blobs:?}");
        open("s3://b").unwrap();
    }

    #[test]
    fn what_is_no_bucket_is_refused_with_how_to_write_one() {
        for bad in ["", "b", "https://b/p", "s3:///p", "s3://b/a//b"] {
            assert!(matches!(open(bad), Err(OpenError::Url { .. })), "{bad}");
        }
        assert!(matches!(open("s3://b?colour=red"), Err(OpenError::Setting(name)) if name == "colour"));
    }
}
