//! Whose request is it? Decided from the raw head (and, for the query protocol, the form body), before any decoding.
//! Pure. The order is that of the tests below: reserved paths, hosts of data planes, explicit protocol headers,
//! the signature's scope, a query `Action`, path patterns, and S3 as the catch-all.

use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use crate::hosts::{self, HostKind};

/// What the decision is made from.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    pub method: &'a Method,
    /// Not decoded.
    pub path: &'a str,
    /// Not decoded, without `?`.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    /// The service of the credential scope, where the request is signed.
    pub scope: Option<&'a str>,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/_updraft/…` without the prefix.
    Admin(String),
    /// What tools of another emulator probe for.
    LocalstackHealth,
    /// An application's own HTTP API: id, then the raw path behind it.
    ExecuteApi { id: String, path: String },
    /// A function's own URL: id, then the raw path behind it.
    FunctionUrl { id: String, path: String },
    /// A bucket's website: the bucket, then the raw path behind it.
    Website { bucket: String, path: String },
    /// The package behind the location that `GetFunction` answers.
    LambdaCode { id: String },
    /// The certificate that SNS's messages name, as AWS's own endpoint has it.
    Certificate { name: String },
    /// One of AWS's services, by endpoint name as in [`crate::services::Services`].
    Service(Target),
    /// A path that is reserved and means nothing.
    Nothing,
}

/// How a service was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `X-Amz-Target: Prefix.Operation`.
    JsonTarget {
        prefix: String,
    },
    /// `/service/Shape/operation/Name`.
    Cbor {
        shape: String,
    },
    /// The credential scope's service name.
    Scope(String),
    /// `Version=` of a query request that is signed by nobody.
    QueryVersion(String),
    /// The path alone, as the REST services have it; the name is the service's folder.
    Path(&'static str),
    S3,
}

impl Route {
    #[must_use]
    pub fn of(head: &Head<'_>, form: Option<&[u8]>) -> Self {
        reserved(head)
            .or_else(|| certificate(head.path))
            .or_else(|| by_host(head))
            .unwrap_or_else(|| Self::Service(service(head, form)))
    }

    /// Whether the body is needed to decide (an unsigned form post).
    #[must_use]
    pub fn wants_form(head: &Head<'_>) -> bool {
        head.scope.is_none() && head.method == Method::POST && is_form(head.headers)
    }
}

fn reserved(head: &Head<'_>) -> Option<Route> {
    let path = head.path;
    if let Some(rest) = path.strip_prefix("/_updraft/") {
        return Some(Route::Admin(rest.to_owned()));
    }
    if let Some(rest) = path.strip_prefix("/_aws/execute-api/") {
        let (id, path) = id_and_path(rest);
        return Some(Route::ExecuteApi { id, path });
    }
    if let Some(rest) = path.strip_prefix("/_aws/lambda-url/") {
        let (id, path) = id_and_path(rest);
        return Some(Route::FunctionUrl { id, path });
    }
    if let Some(rest) = path.strip_prefix("/_aws/s3-website/") {
        let (bucket, path) = id_and_path(rest);
        return Some(Route::Website { bucket, path });
    }
    if let Some(id) = path.strip_prefix("/_aws/lambda-code/") {
        return Some(Route::LambdaCode { id: id.to_owned() });
    }
    if path == "/_localstack/health" {
        return Some(Route::LocalstackHealth);
    }
    // `_` is not legal in a bucket name, so nothing of S3's is taken away.
    let taken = ["/_updraft", "/_localstack/", "/_aws/"].iter().any(|p| path.starts_with(p));
    taken.then_some(Route::Nothing)
}

/// Capital letters are not legal in a bucket name, so nothing of S3's is taken away.
fn certificate(path: &str) -> Option<Route> {
    let name = path.strip_prefix("/SimpleNotificationService-")?.strip_suffix(".pem")?;
    Some(Route::Certificate { name: name.to_owned() })
}

fn id_and_path(rest: &str) -> (String, String) {
    match rest.split_once('/') {
        Some((id, path)) => (id.to_owned(), format!("/{path}")),
        None => (rest.to_owned(), String::from("/")),
    }
}

fn by_host(head: &Head<'_>) -> Option<Route> {
    match hosts::kind(hosts::of(head.headers))? {
        HostKind::ExecuteApi(id) => Some(Route::ExecuteApi { id, path: head.path.to_owned() }),
        HostKind::FunctionUrl(id) => Some(Route::FunctionUrl { id, path: head.path.to_owned() }),
        HostKind::Website(bucket) => Some(Route::Website { bucket, path: head.path.to_owned() }),
        // A signature or a target may name another service at such a host; otherwise nobody but S3 is meant.
        HostKind::Bucket(_) if head.scope.is_none() && !head.headers.contains_key("x-amz-target") => {
            Some(Route::Service(Target::S3))
        }
        HostKind::Bucket(_) => None,
    }
}

fn service(head: &Head<'_>, form: Option<&[u8]>) -> Target {
    cbor(head)
        .or_else(|| json_target(head.headers))
        .or_else(|| head.scope.map(|s| Target::Scope(s.to_owned())))
        .or_else(|| query_version(head, form))
        .or_else(|| by_path(head.path))
        .unwrap_or(Target::S3)
}

fn cbor(head: &Head<'_>) -> Option<Target> {
    let protocol = head.headers.get("smithy-protocol")?.to_str().ok()?;
    let shape = head.path.strip_prefix("/service/")?.split('/').next()?;
    (protocol == "rpc-v2-cbor").then(|| Target::Cbor { shape: shape.to_owned() })
}

fn json_target(headers: &HeaderMap) -> Option<Target> {
    let (prefix, _) = headers.get("x-amz-target")?.to_str().ok()?.rsplit_once('.')?;
    Some(Target::JsonTarget { prefix: prefix.to_owned() })
}

fn query_version(head: &Head<'_>, form: Option<&[u8]>) -> Option<Target> {
    let form = form.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let pairs = || head.query.split('&').chain(form.split('&')).filter_map(|pair| pair.split_once('='));
    let (_, action) = pairs().find(|(name, _)| *name == "Action")?;
    // AWS: the links in SNS's messages name no version, and only what they do is done without one.
    let link = matches!(action, "ConfirmSubscription" | "Unsubscribe").then_some(("Version", "2010-03-31"));
    let (_, version) = pairs().find(|(name, _)| *name == "Version").or(link)?;
    Some(Target::QueryVersion(percent_decode_str(version).decode_utf8_lossy().into_owned()))
}

/// Unsigned requests to REST services, told by their paths: a signature is then asked for in the right protocol.
fn by_path(path: &str) -> Option<Target> {
    let mut parts = path.trim_start_matches('/').split('/');
    let (first, second) = (parts.next()?, parts.next().unwrap_or_default());
    let dated = first.len() == 10 && first.bytes().filter(|b| *b == b'-').count() == 2 && first.starts_with("20");
    match (first, second) {
        _ if dated
            && matches!(second, "functions" | "layers" | "event-source-mappings" | "account-settings" | "tags") =>
        {
            Some(Target::Path("lambda"))
        }
        ("v2", "apis" | "domainnames" | "tags" | "vpclinks") => Some(Target::Path("apigatewayv2")),
        ("restapis", _) => Some(Target::Path("apigateway")),
        _ => None,
    }
}

/// Whether the body is a form, as in the query protocol.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, uri: &str, headers: &[(&str, &str)], scope: Option<&str>, form: Option<&[u8]>) -> Route {
        let map = headers
            .iter()
            .map(|(n, v)| (http::HeaderName::from_bytes(n.as_bytes()).unwrap(), v.parse().unwrap()))
            .collect::<HeaderMap>();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let method = method.parse().unwrap();
        Route::of(&Head { method: &method, path, query, headers: &map, scope }, form)
    }

    #[test]
    fn reserved_paths_come_before_everything() {
        let target = [("x-amz-target", "DynamoDB_20120810.GetItem")];
        assert_eq!(route("GET", "/_updraft/health", &target, None, None), Route::Admin("health".into()));
        assert_eq!(route("GET", "/_localstack/health", &[], None, None), Route::LocalstackHealth);
        assert_eq!(
            route("POST", "/_aws/execute-api/abc/prod/x%2Fy", &[], None, None),
            Route::ExecuteApi { id: "abc".into(), path: "/prod/x%2Fy".into() }
        );
        assert_eq!(
            route("POST", "/_aws/lambda-url/abc/x%2Fy", &[], None, None),
            Route::FunctionUrl { id: "abc".into(), path: "/x%2Fy".into() }
        );
        assert_eq!(
            route("GET", "/_aws/lambda-url/abc", &[], None, None),
            Route::FunctionUrl { id: "abc".into(), path: "/".into() }
        );
        assert_eq!(route("GET", "/_aws/lambda-code/1f", &[], None, None), Route::LambdaCode { id: "1f".into() });
        assert_eq!(route("GET", "/_aws/what", &[], Some("s3"), None), Route::Nothing);
    }

    #[test]
    fn hosts_of_data_planes_come_before_services() {
        for host in ["AbC.execute-api.localhost:4566", "abc.execute-api.eu-west-1.amazonaws.com"] {
            let found = route("GET", "/p", &[("host", host)], Some("execute-api"), None);
            assert_eq!(found, Route::ExecuteApi { id: "abc".into(), path: "/p".into() });
        }
    }

    #[test]
    fn a_functions_url_is_told_by_its_host() {
        let found = route("GET", "/a", &[("host", "u1.lambda-url.eu-west-1.on.aws")], Some("lambda"), None);
        assert_eq!(found, Route::FunctionUrl { id: "u1".into(), path: "/a".into() });
    }

    #[test]
    fn a_website_is_told_by_its_host_or_its_path() {
        let site = Route::Website { bucket: "b.c".into(), path: "/a%20b".into() };
        let host = "b.c.s3-website-eu-west-1.amazonaws.com";
        assert_eq!(route("GET", "/a%20b", &[("host", host)], None, None), site);
        assert_eq!(route("GET", "/_aws/s3-website/b.c/a%20b", &[], None, None), site);
    }

    #[test]
    fn a_target_header_names_its_service_whatever_the_scope() {
        let found =
            route("POST", "/", &[("x-amz-target", "DynamoDBStreams_20120810.ListStreams")], Some("dynamodb"), None);
        assert_eq!(found, Route::Service(Target::JsonTarget { prefix: "DynamoDBStreams_20120810".into() }));
    }

    #[test]
    fn cbor_is_told_by_header_and_path() {
        let path = "/service/GraniteServiceVersion20100801/operation/PutMetricData";
        let found = route("POST", path, &[("smithy-protocol", "rpc-v2-cbor")], Some("monitoring"), None);
        assert_eq!(found, Route::Service(Target::Cbor { shape: "GraniteServiceVersion20100801".into() }));
    }

    #[test]
    fn unsigned_queries_are_told_by_version() {
        let form = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
        let kind = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        let found = route("POST", "/", &kind, None, Some(form));
        assert_eq!(found, Route::Service(Target::QueryVersion("2011-06-15".into())));
    }

    #[test]
    fn the_links_in_messages_are_told_by_what_they_do() {
        let sns = Route::Service(Target::QueryVersion("2010-03-31".into()));
        for link in ["/?Action=ConfirmSubscription&TopicArn=t&Token=k", "/?Action=Unsubscribe&SubscriptionArn=s"] {
            assert_eq!(route("GET", link, &[], None, None), sns, "{link}");
        }
        assert_eq!(route("GET", "/?Action=Publish", &[], None, None), Route::Service(Target::S3));
        let found = route("GET", "/SimpleNotificationService-1f.pem", &[], None, None);
        assert_eq!(found, Route::Certificate { name: "1f".into() });
    }

    #[test]
    fn an_unsigned_request_to_a_buckets_host_is_s3s_whatever_its_path() {
        let host = [("host", "b.s3.localhost:4566")];
        assert_eq!(route("GET", "/v2/apis", &host, None, None), Route::Service(Target::S3));
        let signed = route("GET", "/v2/apis", &host, Some("s3"), None);
        assert_eq!(signed, Route::Service(Target::Scope("s3".into())));
    }

    #[test]
    fn unsigned_rest_paths_are_told_by_their_shape_and_the_rest_is_s3() {
        assert_eq!(route("GET", "/2015-03-31/functions/", &[], None, None), Route::Service(Target::Path("lambda")));
        assert_eq!(route("GET", "/v2/apis", &[], None, None), Route::Service(Target::Path("apigatewayv2")));
        assert_eq!(route("GET", "/bucket/key", &[], None, None), Route::Service(Target::S3));
    }
}
