//! Calls to the platform as any AWS client makes them: signed, over HTTP. For `quickstart`.

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderMap, Method, Request};
use serde_json::Value;
use updraft_cli::client::Client;
use updraft_kernel::ports::SecretKey;
use updraft_kernel::{Clock, SystemClock};
use updraft_sigv4::{Parts, Signer, SigningInput};

/// The conventional credentials, and where to use them.
pub(crate) struct AwsClient {
    http: Client,
    host: String,
}

/// What differs between two calls.
struct Exchange<'a> {
    service: &'a str,
    method: Method,
    path: &'a str,
    headers: HeaderMap,
    body: String,
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

impl AwsClient {
    pub(crate) fn new(url: &str) -> Self {
        Self { http: Client::new(url), host: url.trim_start_matches("http://").to_owned() }
    }

    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// An operation of a JSON-RPC service; `target` is `Prefix.Operation`.
    pub(crate) async fn json(&self, service: &str, target: &str, input: &Value) -> Result<Value> {
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, "application/x-amz-json-1.0".parse()?),
            (HeaderName::from_static("x-amz-target"), target.parse()?),
        ]);
        self.exchange(Exchange { service, method: Method::POST, path: "/", headers, body: input.to_string() }).await
    }

    /// An operation of a REST-JSON service.
    pub(crate) async fn rest(&self, service: &str, method: Method, path: &str, input: Option<&Value>) -> Result<Value> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, "application/json".parse()?)]);
        let body = input.map(Value::to_string).unwrap_or_default();
        self.exchange(Exchange { service, method, path, headers, body }).await
    }

    async fn exchange(&self, mut exchange: Exchange<'_>) -> Result<Value> {
        self.sign(&mut exchange)?;
        let Exchange { method, path, headers, body, .. } = exchange;
        let mut request = Request::builder().method(method).uri(path).body(Bytes::from(body))?;
        *request.headers_mut() = headers;
        let (status, body) = self.http.send(request).await?;
        if !status.is_success() {
            bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        serde_json::from_slice(&body).context("the answer is not JSON")
    }

    fn sign(&self, exchange: &mut Exchange<'_>) -> Result<()> {
        exchange.headers.insert(HOST, self.host.parse()?);
        let signer = Signer {
            access_key_id: "test".to_owned(),
            secret: SecretKey("test".to_owned()),
            token: None,
            region: "us-east-1".to_owned(),
            service: exchange.service.to_owned(),
        };
        let parts = Parts {
            method: exchange.method.as_str(),
            raw_path: exchange.path,
            raw_query: "",
            headers: &exchange.headers,
        };
        let input = SigningInput { parts, body: exchange.body.as_bytes(), at: SystemClock::new().real_now() };
        let added = updraft_sigv4::sign(&signer, input);
        for (name, value) in added {
            exchange.headers.insert(name, value.parse()?);
        }
        Ok(())
    }
}
