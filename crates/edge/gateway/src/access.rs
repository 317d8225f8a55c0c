//! What is noted of requests to buckets, for the logs that buckets keep of who came ([`AccessPort`]).

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HOST, HeaderMap, HeaderName, REFERER, USER_AGENT};
use http::{Method, Version};
use percent_encoding::percent_decode_str;
use updraft_access::{Access, AccessPort, AccessSignature};
use updraft_kernel::{AwsError, Identity, RequestId, SignedBy, UnixMillis};
use updraft_sigv4::{Claim, Kind};

use crate::hosts;

const DECODED_LENGTH: &str = "x-amz-decoded-content-length";
const VERSION_ID: &str = "x-amz-version-id";
const COPIED: &str = "x-amz-copy-source";

/// A request to a bucket while it is served.
pub(crate) struct Noted {
    port: Arc<dyn AccessPort>,
    access: Access,
}

impl Noted {
    /// `None`: it is about no bucket, or about one without a log.
    pub(crate) fn of(
        port: &Arc<dyn AccessPort>,
        head: &http::request::Parts,
        claim: Option<&Claim>,
        (id, at): (&RequestId, UnixMillis),
    ) -> Option<Box<Self>> {
        let path = hosts::bucket_path(head);
        let (bucket, key) = named(path.as_deref().unwrap_or(head.uri.path()))?;
        // What may begin a log is in it.
        let begins = head.uri.query() == Some("logging");
        if !begins && !port.wants(&bucket) {
            return None;
        }
        let text = |name: HeaderName| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let access = Access {
            bucket,
            key,
            request_id: id.to_string(),
            operation: "-",
            method: head.method.to_string(),
            target: format!("{target} {}", protocol(head.version)),
            host: text(HOST),
            referer: text(REFERER),
            user_agent: text(USER_AGENT),
            copied_from: text(HeaderName::from_static(COPIED)).and_then(|from| copied(&from)),
            at,
            source_ip: head.extensions.get().copied(),
            requester: None,
            signed: claim.map(signature),
            status: 0,
            error: None,
            sent: 0,
            size: if head.method == Method::PUT { brought(&head.headers) } else { None },
            version_id: None,
            took: Duration::ZERO,
            turned: Duration::ZERO,
        };
        Some(Box::new(Self { port: Arc::clone(port), access }))
    }

    /// What it turned out to be, and of whom.
    pub(crate) fn by(mut self: Box<Self>, operation: &'static str, requester: Option<&Identity>) -> Box<Self> {
        self.access.operation = operation;
        self.access.requester = requester.cloned();
        self
    }

    /// It is a form, whose signature is among its fields.
    pub(crate) fn form(mut self: Box<Self>, operation: &'static str) -> Box<Self> {
        self.access.signed = Some(AccessSignature { version: 4, by: SignedBy::Form });
        self.by(operation, None)
    }

    pub(crate) fn failed(&mut self, err: &AwsError) {
        self.access.error = Some(err.code().name.into());
    }

    /// Its answer begins with these headers.
    pub(crate) fn answered(&mut self, headers: &HeaderMap, turned: Duration) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        self.access.turned = turned;
        self.access.version_id = text(VERSION_ID).map(str::to_owned);
        if self.access.error.is_none() && matches!(self.access.operation, "GetObject" | "HeadObject") {
            let whole = text(CONTENT_RANGE.as_str()).and_then(|range| range.rsplit('/').next());
            self.access.size = whole.or(text(CONTENT_LENGTH.as_str())).and_then(|size| size.parse().ok());
        }
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.access.sent += bytes as u64;
    }

    pub(crate) fn over(self: Box<Self>, status: u16, took: Duration) {
        let Self { port, access } = *self;
        port.over(Access { status, took, ..access });
    }
}

/// The bucket and the key that a path names.
fn named(path: &str) -> Option<(String, Option<String>)> {
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    (!bucket.is_empty()).then(|| (decoded(bucket), (!key.is_empty()).then(|| decoded(key))))
}

/// Of `/bucket/key?versionId=…`.
fn copied(from: &str) -> Option<(String, String)> {
    let (bucket, key) = named(from.split('?').next().unwrap_or_default())?;
    Some((bucket, key?))
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

fn signature(claim: &Claim) -> AccessSignature {
    match claim.kind {
        Kind::Header => AccessSignature { version: 4, by: SignedBy::Header },
        Kind::Query { .. } => AccessSignature { version: 4, by: SignedBy::Query },
        Kind::Version2 { .. } => AccessSignature { version: 2, by: SignedBy::Query },
    }
}

/// What a body holds, without what it is chunked with.
fn brought(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(DECODED_LENGTH).or_else(|| headers.get(CONTENT_LENGTH));
    length.and_then(|length| length.to_str().ok()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct Kept(Mutex<Vec<Access>>);

    impl AccessPort for Kept {
        fn over(&self, access: Access) {
            self.0.lock().unwrap().push(access);
        }
    }

    fn noted(request: http::Request<()>, answer: &[(&'static str, &str)], operation: &'static str) -> Access {
        let kept = Arc::new(Kept::default());
        let port: Arc<dyn AccessPort> = kept.clone();
        let (head, ()) = request.into_parts();
        let mut noted = Noted::of(&port, &head, None, (&RequestId::new("r"), UnixMillis(1))).unwrap();
        noted = noted.by(operation, None);
        let headers = answer.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        noted.answered(&headers.collect(), Duration::from_millis(2));
        noted.sent(3);
        noted.over(200, Duration::from_millis(4));
        let access = kept.0.lock().unwrap().pop();
        access.unwrap()
    }

    #[test]
    fn what_is_read_is_as_large_as_all_of_it() {
        let request = || http::Request::get("/b/a%20b?partNumber=1").header("host", "h").body(()).unwrap();
        let part = noted(request(), &[("content-range", "bytes 0-2/10"), ("content-length", "3")], "GetObject");
        assert_eq!((part.bucket.as_str(), part.key.as_deref()), ("b", Some("a b")));
        assert_eq!((part.size, part.sent, part.status), (Some(10), 3, 200));
        assert_eq!(part.target, "/b/a%20b?partNumber=1 HTTP/1.1");
        assert_eq!(noted(request(), &[("content-length", "3")], "GetObject").size, Some(3));
        assert_eq!(noted(request(), &[("content-length", "3")], "GetObjectTagging").size, None);
    }

    #[test]
    fn what_is_written_is_as_large_as_it_is_unchunked() {
        let request = http::Request::put("/k").header("host", "b.localhost").header("content-length", "90");
        let request = request.header("x-amz-decoded-content-length", "7").body(()).unwrap();
        let put = noted(request, &[("x-amz-version-id", "v")], "PutObject");
        assert_eq!((put.bucket.as_str(), put.key.as_deref()), ("b", Some("k")));
        assert_eq!((put.size, put.version_id.as_deref()), (Some(7), Some("v")));
    }

    #[test]
    fn no_bucket_is_no_access() {
        let port: Arc<dyn AccessPort> = Arc::new(Kept::default());
        let (head, ()) = http::Request::get("/").body(()).unwrap().into_parts();
        assert!(Noted::of(&port, &head, None, (&RequestId::new("r"), UnixMillis(1))).is_none());
    }
}
