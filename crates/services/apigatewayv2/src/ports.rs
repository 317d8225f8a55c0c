//! What this service offers to others: APIs, as what events can be sent to.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use updraft_kernel::ports::{
    Again, CallFailure, EventTargetPort, HttpDataPlane, HttpRequest, ServerCall, Signer, TargetEvent,
};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Clock, Ctx, Identity, Region, RequestId, Rng, RngExt};

use crate::errors::bad_request;
use crate::invoke::HttpApis;

const DEFAULT: &str = "$default";

/// APIs by the ARNs of what is called of them: `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`.
#[derive(Debug)]
pub(crate) struct CalledApis {
    pub(crate) apis: Arc<HttpApis>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

impl EventTargetPort for CalledApis {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move { self.apis.has(target).await })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let TargetEvent { target, sender, body, .. } = event;
            let source = (sender.service, sender.source);
            let (path, headers, query) = (Vec::new(), Vec::new(), Vec::new());
            let answer = self.answer(ServerCall { target, source, path, headers, query, body }).await;
            answer.map(drop).map_err(|failure| match failure.again {
                Again::Never => bad_request(failure.message),
                Again::Later(_) | Again::Early(_) => AwsError::unavailable(failure.message),
            })
        })
    }

    fn call(&self, call: ServerCall) -> BoxFuture<'_, Result<Bytes, CallFailure>> {
        Box::pin(self.answer(call))
    }
}

impl CalledApis {
    async fn answer(&self, call: ServerCall) -> Result<Bytes, CallFailure> {
        let gone = || never("NO_RESOURCE", format!("{} does not exist.", call.target));
        let there = self.apis.has(&call.target).await.map_err(|error| later("INTERNAL_ERROR", error.to_string()))?;
        let cx = self.context(&call).filter(|_| there).ok_or_else(gone)?;
        let request = request(&call)?;
        let response = self.apis.serve(&cx, request).await.ok_or_else(gone)?;
        let message = format!("The API answered with status {}.", response.status);
        match response.status {
            200..=299 => Ok(response.body.whole().cloned().unwrap_or_default()),
            429 => Err(later("THROTTLING", message)),
            409 | 500.. => Err(later("ERROR_FROM_TARGET", message)),
            401 | 403 => Err(never("NO_PERMISSIONS", message)),
            404 => Err(never("NO_RESOURCE", message)),
            _ => Err(never("SDK_CLIENT_ERROR", message)),
        }
    }

    fn context(&self, call: &ServerCall) -> Option<Ctx> {
        let account = AccountId::parse(&call.target.account).ok()?;
        Some(Ctx {
            identity: Arc::new(Identity::service(account.clone(), call.source.0)),
            account,
            region: Region::parse(&call.target.region).ok()?,
            request_id: RequestId::new(self.rng.uuid()),
            clock: Arc::clone(&self.clock),
            rng: Arc::clone(&self.rng),
            endpoint: "".into(),
            trace: None,
            source_ip: None,
            via: None,
        })
    }
}

fn never(code: &'static str, message: String) -> CallFailure {
    CallFailure { code, message, again: Again::Never }
}

fn later(code: &'static str, message: String) -> CallFailure {
    CallFailure { code, message, again: Again::Later(None) }
}

fn request(call: &ServerCall) -> Result<HttpRequest, CallFailure> {
    let arn = &call.target;
    let mut parts = arn.resource.splitn(4, '/');
    let mut part = || parts.next().unwrap_or_default();
    let (id, stage, method, path) = (part(), part(), part(), call.filled(part()));
    let method = if matches!(method, "" | "*") { "POST" } else { method };
    let wrong = |what: &dyn std::fmt::Display| never("INVALID_PARAMETER", format!("{arn}: {what}"));
    Ok(HttpRequest {
        id: id.to_owned(),
        method: Method::from_bytes(method.as_bytes()).map_err(|error| wrong(&error))?,
        raw_path: if stage == DEFAULT { format!("/{path}") } else { format!("/{stage}/{path}") },
        raw_query: query(&call.query),
        headers: headers(call).ok_or_else(|| wrong(&"a header can't be sent"))?,
        body: call.body.clone(),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        host: format!("{id}.execute-api.{}.amazonaws.com", arn.region),
        protocol: "HTTP/1.1",
        signer: Signer::Nobody,
    })
}

/// AWS: the rule's or the pipe's ARN goes with it.
fn headers(call: &ServerCall) -> Option<HeaderMap> {
    let source = &call.source.1;
    let usual = [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("x-amz-source-account", &source.account),
        ("x-amz-source-arn", &source.to_string()),
    ];
    let mut headers = HeaderMap::new();
    let said = call.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in usual.into_iter().chain(said) {
        headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
    }
    Some(headers)
}

fn query(pairs: &[(String, String)]) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(resource: &str) -> ServerCall {
        let arn = |rest: &str| Arn::parse(&format!("arn:aws:{rest}")).unwrap();
        ServerCall {
            target: arn(&format!("execute-api:us-east-1:000000000000:{resource}")),
            source: ("events.amazonaws.com", arn("events:us-east-1:000000000000:rule/r")),
            path: vec!["x".into()],
            headers: vec![("X-Mine".into(), "1".into())],
            query: vec![("a b".into(), "c&d".into())],
            body: Bytes::new(),
        }
    }

    fn asked(resource: &str) -> (String, String) {
        let request = request(&call(resource)).unwrap();
        (request.method.to_string(), request.raw_path)
    }

    #[test]
    fn an_arn_says_what_is_called() {
        assert_eq!(asked("abc/test/PUT/a/*/b"), ("PUT".into(), "/test/a/x/b".into()));
        assert_eq!(asked("abc/$default/*/*"), ("POST".into(), "/x".into()));
        assert_eq!(asked("abc/test"), ("POST".into(), "/test/".into()));
    }

    #[test]
    fn the_caller_is_said_beside_it() {
        let request = request(&call("abc/test/GET/")).unwrap();
        assert_eq!((request.id.as_str(), request.raw_query.as_str()), ("abc", "a%20b=c%26d"));
        assert_eq!(request.headers["x-amz-source-arn"], "arn:aws:events:us-east-1:000000000000:rule/r");
        assert_eq!(
            (&request.headers["x-mine"], &request.headers["content-type"]),
            (&HeaderValue::from_static("1"), &HeaderValue::from_static("application/json"))
        );
    }
}
