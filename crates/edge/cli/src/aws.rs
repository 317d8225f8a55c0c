//! Calls to the platform as any AWS client makes them: signed, over HTTP.

use anyhow::{Context, Result};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use updraft_kernel::ports::SecretKey;
use updraft_kernel::{Clock, SystemClock};
use updraft_sigv4::{Parts, Signer, SigningInput};

use crate::client::{Client, Pieces};
use crate::failure::Usage;

/// Who calls, and in which region.
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key_id: String,
    secret: SecretKey,
    token: Option<String>,
    pub region: String,
}

impl Credentials {
    /// Those that local platforms take, in the region that clients take by default.
    #[must_use]
    pub fn conventional() -> Self {
        let secret = SecretKey("test".to_owned());
        Self { access_key_id: "test".to_owned(), secret, token: None, region: "us-east-1".to_owned() }
    }

    /// Those of the usual variables; the conventional ones where there are none. `region` wins over theirs.
    ///
    /// # Errors
    /// If there is half of them.
    pub fn of_environment(region: Option<&str>) -> Result<Self, Usage> {
        let mut credentials = Self::conventional();
        let region = region.map(str::to_owned).or_else(|| variable("AWS_REGION"));
        credentials.region = region.or_else(|| variable("AWS_DEFAULT_REGION")).unwrap_or(credentials.region);
        match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            (None, None) => {}
            (Some(id), Some(secret)) => {
                (credentials.access_key_id, credentials.secret) = (id, SecretKey(secret));
                credentials.token = variable("AWS_SESSION_TOKEN");
            }
            _ => {
                let advice = "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither for test/test";
                return Err(Usage(advice.to_owned()));
            }
        }
        Ok(credentials)
    }
}

#[expect(clippy::disallowed_methods, reason = "a command reads its credentials once, at its start")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What AWS says against a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
}

/// A platform, and who calls it.
#[derive(Clone, Debug)]
pub struct Aws {
    http: Client,
    host: String,
    credentials: Credentials,
}

/// One request, not yet signed.
#[derive(Clone, Debug)]
pub struct Exchange<'a> {
    /// The signing name.
    pub service: &'a str,
    pub method: Method,
    /// With its query, percent-encoded.
    pub path: &'a str,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Aws {
    #[must_use]
    pub fn new(endpoint: &str, credentials: Credentials) -> Self {
        let http = Client::new(endpoint);
        let host = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { http, host, credentials }
    }

    #[must_use]
    pub fn http(&self) -> &Client {
        &self.http
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.credentials.region
    }

    /// An operation of a JSON-RPC service; `target` is `Prefix.Operation`.
    ///
    /// # Errors
    /// If nobody answers; a [`Refusal`], where AWS would refuse.
    pub async fn json(&self, service: &str, target: &str, input: &Value) -> Result<Value> {
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, "application/x-amz-json-1.0".parse()?),
            (HeaderName::from_static("x-amz-target"), target.parse()?),
        ]);
        let body = Bytes::from(input.to_string());
        self.value(Exchange { service, method: Method::POST, path: "/", headers, body }).await
    }

    /// An operation of a REST-JSON service.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn rest(&self, service: &str, method: Method, path: &str, input: Option<&Value>) -> Result<Value> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, "application/json".parse()?)]);
        let body = input.map(Value::to_string).unwrap_or_default().into();
        self.value(Exchange { service, method, path, headers, body }).await
    }

    /// Who the platform takes the caller for: twelve digits.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn account(&self) -> Result<String> {
        let (service, method, path) = ("sts", Method::POST, "/");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, "application/x-www-form-urlencoded".parse()?)]);
        let body = Bytes::from_static(b"Action=GetCallerIdentity&Version=2011-06-15");
        let (_, body) = self.whole(Exchange { service, method, path, headers, body }).await?;
        let text = String::from_utf8_lossy(&body);
        let (_, behind) = text.split_once("<Account>").context("the platform doesn't say who the caller is")?;
        Ok(behind.split('<').next().unwrap_or_default().to_owned())
    }

    async fn value(&self, exchange: Exchange<'_>) -> Result<Value> {
        let (_, body) = self.whole(exchange).await?;
        if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body).context("the answer is not JSON") }
    }

    /// The answer's head and its whole body.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn whole(&self, exchange: Exchange<'_>) -> Result<(http::response::Parts, Bytes)> {
        let (head, body) = self.answered(exchange).await?.into_parts();
        let body = body.collect().await.context("the answer was cut off")?.to_bytes();
        Ok((head, body))
    }

    /// The answer's head, and its body as it comes.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn pieces(&self, exchange: Exchange<'_>) -> Result<(http::response::Parts, Pieces)> {
        let (head, body) = self.answered(exchange).await?.into_parts();
        Ok((head, Pieces(body)))
    }

    async fn answered(&self, mut exchange: Exchange<'_>) -> Result<Response<Incoming>> {
        self.sign(&mut exchange)?;
        let Exchange { method, path, headers, body, .. } = exchange;
        let mut request = Request::builder().method(method).uri(path).body(body)?;
        *request.headers_mut() = headers;
        let response = self.http.request(request).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let body = body.collect().await.context("the answer was cut off")?.to_bytes();
        Err(refusal(head.status, &head.headers, &body).into())
    }

    fn sign(&self, exchange: &mut Exchange<'_>) -> Result<()> {
        exchange.headers.insert(HOST, self.host.parse()?);
        let Credentials { access_key_id, secret, token, region } = self.credentials.clone();
        let signer = Signer { access_key_id, secret, token, region, service: exchange.service.to_owned() };
        let (raw_path, raw_query) = exchange.path.split_once('?').unwrap_or((exchange.path, ""));
        let parts = Parts { method: exchange.method.as_str(), raw_path, raw_query, headers: &exchange.headers };
        let input = SigningInput { parts, body: &exchange.body, at: SystemClock::new().real_now() };
        for (name, value) in updraft_sigv4::sign(&signer, input) {
            exchange.headers.insert(name, value.parse()?);
        }
        Ok(())
    }
}

/// What the answer says, whichever protocol it is in.
fn refusal(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Refusal {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let member = |names: [&str; 3]| names.iter().find_map(|name| said.get(*name)?.as_str());
    let named = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let code = named.or_else(|| member(["__type", "code", "Code"])).unwrap_or_default();
    // `com.amazonaws.dynamodb#Name` and `Name:http://…` are both `Name`.
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    let message = member(["message", "Message", "errorMessage"]).map(str::to_owned);
    let code = if code.is_empty() { status.as_str() } else { code };
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned());
    Refusal { status: status.as_u16(), code: code.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<&str>, body: &'static str, code: &str, message: &str) {
        let named = header.map(|value| (HeaderName::from_static("x-amzn-errortype"), value.parse().unwrap()));
        let found = refusal(StatusCode::NOT_FOUND, &named.into_iter().collect(), &Bytes::from_static(body.as_bytes()));
        assert_eq!((found.code.as_str(), found.message.as_str(), found.status), (code, message, 404));
    }

    #[test]
    fn refusals_are_read_from_any_protocol() {
        check(Some("Gone:http://aws"), r#"{"Type":"User","Message":"no"}"#, "Gone", "no");
        check(None, r##"{"__type":"com.amazonaws#Gone","message":"no"}"##, "Gone", "no");
        check(None, "plain words\n", "404", "plain words");
    }
}
