//! What a Host header says: an API's id, a function URL's id, a bucket, or nothing. Any domain behind the marker is
//! accepted, so that AWS's own names, `*.localhost` and `*.localhost.localstack.cloud` all work.

use http::HeaderMap;
use updraft_kernel::ports::http::without_port;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKind {
    ExecuteApi(String),
    FunctionUrl(String),
    Bucket(String),
    /// A bucket's website.
    Website(String),
}

/// The host as sent, or empty.
#[must_use]
pub fn of(headers: &HeaderMap) -> &str {
    headers.get(http::header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default()
}

/// Case and port don't matter.
#[must_use]
pub fn kind(host: &str) -> Option<HostKind> {
    let name = without_port(host).to_ascii_lowercase();
    if let Some(id) = label_before(&name, ".execute-api.") {
        return Some(HostKind::ExecuteApi(id));
    }
    if let Some(id) = label_before(&name, ".lambda-url.") {
        return Some(HostKind::FunctionUrl(id));
    }
    if let Some(bucket) = before_website(&name) {
        return Some(HostKind::Website(bucket));
    }
    // Bucket names may hold dots: everything before the last marker is the bucket.
    [".s3.", ".s3-"]
        .iter()
        .find_map(|marker| name.rfind(marker))
        .and_then(|at| name.get(..at))
        .map(|b| HostKind::Bucket(b.to_owned()))
}

/// The bucket that a request to S3 names by its host. Besides what [`kind`] knows, clients that were given an endpoint of
/// ours put the bucket before it: `bucket.localhost`.
#[must_use]
pub fn bucket(host: &str) -> Option<String> {
    match kind(host) {
        Some(HostKind::Bucket(bucket)) => Some(bucket),
        Some(_) => None,
        None => {
            let name = without_port(host).to_ascii_lowercase();
            let bucket = name.strip_suffix(".localhost")?;
            (!bucket.is_empty() && bucket != "s3" && !bucket.starts_with("s3.")).then(|| bucket.to_owned())
        }
    }
}

/// The path with the bucket that the host names in front, if it names one.
pub(crate) fn bucket_path(head: &http::request::Parts) -> Option<String> {
    bucket(of(&head.headers)).map(|bucket| format!("/{bucket}{}", head.uri.path()))
}

/// `bucket.s3-website-region.…` and `bucket.s3-website.region.…`.
fn before_website(name: &str) -> Option<String> {
    let at = [".s3-website.", ".s3-website-"].iter().find_map(|marker| name.rfind(marker))?;
    name.get(..at).filter(|bucket| !bucket.is_empty()).map(str::to_owned)
}

fn label_before(name: &str, marker: &str) -> Option<String> {
    let (id, _) = name.split_once(marker)?;
    (!id.is_empty() && !id.contains('.')).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_under_any_domain() {
        assert_eq!(kind("a1.execute-api.localhost:4566"), Some(HostKind::ExecuteApi("a1".into())));
        assert_eq!(kind("A1.Execute-Api.us-east-1.amazonaws.com"), Some(HostKind::ExecuteApi("a1".into())));
        assert_eq!(kind("u.lambda-url.us-east-1.localhost.localstack.cloud"), Some(HostKind::FunctionUrl("u".into())));
        assert_eq!(kind("my.bucket.s3.localhost:4566"), Some(HostKind::Bucket("my.bucket".into())));
        for host in [
            "my.site.s3-website-eu-west-1.amazonaws.com",
            "my.site.s3-website.us-east-2.amazonaws.com",
            "My.Site.s3-website.localhost:4566",
        ] {
            assert_eq!(kind(host), Some(HostKind::Website("my.site".into())), "{host}");
        }
        assert_eq!(kind("b.s3.us-east-1.amazonaws.com"), Some(HostKind::Bucket("b".into())));
    }

    #[test]
    fn buckets_stand_before_our_own_name_too() {
        for host in ["b.s3.localhost:4566", "b.localhost:4566", "b.s3.us-east-1.amazonaws.com"] {
            assert_eq!(bucket(host).as_deref(), Some("b"), "{host}");
        }
        for host in
            ["localhost:4566", "s3.localhost:4566", "s3.us-east-1.localhost", "127.0.0.1", "a1.execute-api.localhost"]
        {
            assert_eq!(bucket(host), None, "{host}");
        }
    }

    #[test]
    fn plain_hosts_say_nothing() {
        for host in ["localhost:4566", "127.0.0.1:4566", "[::1]:4566", "", ".execute-api.localhost"] {
            assert_eq!(kind(host), None, "{host}");
        }
        assert_eq!(without_port("[::1]:4566"), "[::1]");
    }
}
