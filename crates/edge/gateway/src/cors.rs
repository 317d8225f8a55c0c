//! What browsers ask before a page of one origin may ask a bucket for something, and what they want to be told with every
//! answer. Whether it may is the bucket's to say ([`CorsPort`]); here is how it is asked and told.

use std::fmt;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY};
use http::{Method, StatusCode};
use http_body::Body;
use percent_encoding::percent_decode_str;
use tracing::Span;
use updraft_kernel::{AwsError, BoxFuture, ErrorCode, RequestId};
use updraft_sigv4::{AuthError, Claim};
use updraft_wire::http::Response as WireResponse;
use updraft_wire::{ServiceModel, codec, model::Protocol};

use crate::account::Account;
use crate::gateway::{Gateway, Incoming};
use crate::hosts;
use crate::response::{self, Response};
use crate::route::Target;
use crate::uploads::InTurn;

/// What records call it.
const PREFLIGHT: &str = "REST.OPTIONS.PREFLIGHT";
const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
const METHOD: &str = "access-control-request-method";
const HEADERS: &str = "access-control-request-headers";

/// What a page wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsQuestion {
    pub bucket: String,
    pub origin: String,
    pub method: String,
    /// In lower case.
    pub headers: Vec<String>,
}

/// That it may, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsGrant {
    /// Any origin may.
    pub anybody: bool,
    pub methods: Vec<String>,
    pub exposed: Vec<String>,
    pub max_age: Option<i32>,
}

/// Why it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorsRefusal {
    NoSuchBucket,
    NotEnabled,
    NotAllowed,
}

/// Who knows what buckets say.
pub trait CorsPort: Send + Sync + fmt::Debug {
    fn ask<'a>(&'a self, question: &'a CorsQuestion)
    -> BoxFuture<'a, Result<Result<CorsGrant, CorsRefusal>, AwsError>>;
}

/// A request that a page makes, or is to be allowed to make.
pub(crate) struct Asked {
    question: Option<CorsQuestion>,
    preflight: bool,
    /// An object's, or a bucket's.
    object: bool,
}

impl Asked {
    /// `None`: nobody asks, or not for anything in a bucket.
    pub(crate) fn of(head: &http::request::Parts, target: &Target) -> Option<Self> {
        let of_s3 = match target {
            Target::S3 => true,
            Target::Scope(service) => service == "s3",
            _ => false,
        };
        let preflight = head.method == Method::OPTIONS;
        if !of_s3 || (!preflight && !head.headers.contains_key(ORIGIN)) {
            return None;
        }
        let path = hosts::bucket_path(head).unwrap_or_else(|| head.uri.path().to_owned());
        let path = path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let bucket = percent_decode_str(bucket).decode_utf8_lossy().into_owned();
        let method = if preflight { text(METHOD).unwrap_or_default() } else { head.method.as_str() };
        let headers = text(HEADERS).unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase());
        let headers = headers.filter(|name| !name.is_empty()).collect();
        let question = text(ORIGIN.as_str()).map(|origin| CorsQuestion {
            bucket,
            origin: origin.to_owned(),
            method: method.to_owned(),
            headers,
        });
        Some(Self { question, preflight, object: !key.is_empty() })
    }
}

static BAD_REQUEST: ErrorCode = ErrorCode::sender("BadRequest", 400);
static ACCESS_FORBIDDEN: ErrorCode = ErrorCode::sender("AccessForbidden", 403);
const NOT_ALLOWED: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                           Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers \
                           are not whitelisted by the resource's CORS spec.";

impl Gateway {
    /// Serves a request that a page makes; answers itself what browsers ask before.
    pub(crate) async fn of_a_page<B>(
        &self,
        asked: Asked,
        (claim, target): (Result<Claim, AuthError>, Target),
        incoming: Incoming<InTurn<B>>,
    ) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
    {
        if asked.preflight {
            let account = self.account_of_preflight(&incoming.head, &incoming.id);
            return self.preflight(asked, &incoming.id, account).await;
        }
        let mut response = self.service(claim, target, incoming).await;
        let Some(question) = asked.question else { return response };
        // An answer isn't withheld for that: the browser then doesn't show it to the page.
        if let Ok(Ok(grant)) = self.parts.cors.ask(&question).await {
            tell(response.headers_mut(), &question, &grant, false);
        }
        response
    }

    fn account_of_preflight(&self, head: &http::request::Parts, id: &RequestId) -> Account {
        let mut account = self.account(self.parts.clock.monotonic(), Span::current(), ("s3", "Preflight"));
        if let Some(service) = self.parts.services.find(&Target::S3, "/") {
            let noted = self.noted(service.model(), (head, id), None);
            account.noted = noted.map(|noted| noted.by(PREFLIGHT, None));
        }
        account
    }

    async fn preflight(&self, asked: Asked, id: &RequestId, mut account: Account) -> Response {
        let object = asked.object;
        let answer = match asked.question {
            None => Err(AwsError::new(&BAD_REQUEST, "Insufficient information. Origin request header needed.")),
            Some(question) if question.method.is_empty() => {
                Err(AwsError::new(&BAD_REQUEST, "Invalid Access-Control-Request-Method: null"))
            }
            Some(question) => match self.parts.cors.ask(&question).await {
                Ok(Ok(grant)) => Ok((question, grant)),
                Ok(Err(refusal)) => Err(refused(refusal, &question, object)),
                Err(error) => Err(error),
            },
        };
        match answer {
            Ok((question, grant)) => {
                let mut headers = HeaderMap::new();
                for name in ["x-amz-request-id", "x-amz-id-2"] {
                    put(&mut headers, name, id.as_str());
                }
                tell(&mut headers, &question, &grant, true);
                account.answered(&headers);
                account.close(200);
                response::of(StatusCode::OK, headers, Bytes::new())
            }
            Err(error) => {
                account.failed(&error);
                let (status, headers, body) = self.told_in_xml(&error, id);
                account.answered(&headers);
                account.sent(body.len());
                account.close(status.as_u16());
                response::of(status, headers, body)
            }
        }
    }

    fn told_in_xml(&self, error: &AwsError, id: &RequestId) -> (StatusCode, HeaderMap, Bytes) {
        let target = Target::S3;
        let Some(service) = self.parts.services.find(&target, "/") else {
            return (StatusCode::FORBIDDEN, HeaderMap::new(), Bytes::new());
        };
        let model: &'static ServiceModel = service.model();
        let WireResponse { status, headers, body, .. } = codec::encode_error(model, Protocol::RestXml, None, error, id);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, headers, body)
    }
}

fn refused(refusal: CorsRefusal, question: &CorsQuestion, object: bool) -> AwsError {
    let resource = if object { "OBJECT" } else { "BUCKET" };
    let (message, method, resource) = match refusal {
        // AWS: of what isn't there it isn't said what was to be done with it.
        CorsRefusal::NoSuchBucket => ("CORSResponse: Bucket not found", "OPTIONS", "BUCKET"),
        CorsRefusal::NotEnabled => {
            ("CORSResponse: CORS is not enabled for this bucket.", question.method.as_str(), resource)
        }
        CorsRefusal::NotAllowed => (NOT_ALLOWED, question.method.as_str(), resource),
    };
    AwsError::new(&ACCESS_FORBIDDEN, message).with("Method", method).with("ResourceType", resource)
}

fn tell(headers: &mut HeaderMap, question: &CorsQuestion, grant: &CorsGrant, preflight: bool) {
    put(headers, "access-control-allow-origin", if grant.anybody { "*" } else { &question.origin });
    if !grant.anybody {
        put(headers, "access-control-allow-credentials", "true");
    }
    put(headers, "access-control-allow-methods", &grant.methods.join(", "));
    if preflight && !question.headers.is_empty() {
        put(headers, "access-control-allow-headers", &question.headers.join(", "));
    }
    if !grant.exposed.is_empty() {
        put(headers, "access-control-expose-headers", &grant.exposed.join(", "));
    }
    if let Some(seconds) = grant.max_age {
        put(headers, "access-control-max-age", &seconds.to_string());
    }
    headers.insert(VARY, HeaderValue::from_static(VARIES));
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, uri: &str, headers: &[(&str, &str)]) -> Option<Asked> {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        Asked::of(&head, &Target::S3)
    }

    #[test]
    fn who_asks_and_for_what() {
        assert!(asked("GET", "/bucket/key", &[]).is_none());
        let origin = ("origin", "https://a.example");
        let plain = asked("GET", "/bucket/key", &[origin]).unwrap();
        assert!(!plain.preflight && plain.object);
        let asks = [origin, (METHOD, "PUT"), (HEADERS, "X-Amz-Acl, x-a")];
        let before = asked("OPTIONS", "/key", &[asks[0], asks[1], asks[2], ("host", "b.localhost:4566")]).unwrap();
        assert!(before.preflight && before.object);
        let question = before.question.unwrap();
        assert_eq!((question.bucket.as_str(), question.method.as_str()), ("b", "PUT"));
        assert_eq!(question.headers, ["x-amz-acl", "x-a"]);
        assert!(asked("OPTIONS", "/bucket", &[]).unwrap().question.is_none());
        let (head, ()) = http::Request::builder().header("origin", "x").body(()).unwrap().into_parts();
        assert!(Asked::of(&head, &Target::Scope("sqs".into())).is_none());
    }

    #[test]
    fn what_is_told() {
        let question = CorsQuestion {
            bucket: "b".into(),
            origin: "https://a.example".into(),
            method: "GET".into(),
            headers: vec!["x-a".into()],
        };
        let grant = CorsGrant { anybody: false, methods: vec!["GET".into()], exposed: Vec::new(), max_age: Some(60) };
        let told = |grant: &CorsGrant, preflight| {
            let mut headers = HeaderMap::new();
            tell(&mut headers, &question, grant, preflight);
            let mut told: Vec<String> = headers
                .iter()
                .filter_map(|(name, value)| {
                    Some(format!("{}={}", name.as_str().strip_prefix("access-control-")?, value.to_str().unwrap()))
                })
                .collect();
            told.sort();
            told.join(" ")
        };
        let common = "allow-credentials=true";
        let rest = "allow-methods=GET allow-origin=https://a.example max-age=60";
        assert_eq!(told(&grant, true), format!("{common} allow-headers=x-a {rest}"));
        assert_eq!(told(&grant, false), format!("{common} {rest}"));
        let anybody = CorsGrant { anybody: true, max_age: None, ..grant };
        assert_eq!(told(&anybody, false), "allow-methods=GET allow-origin=*");
    }
}
