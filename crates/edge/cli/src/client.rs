//! A small HTTP client for a running platform.

use anyhow::{Context, Error, Result, anyhow};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A platform at an endpoint such as `http://127.0.0.1:4566`.
#[derive(Clone, Debug)]
pub struct Client {
    endpoint: String,
    http: Legacy<HttpConnector, Full<Bytes>>,
}

impl Client {
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        let http = Legacy::builder(TokioExecutor::new()).build_http();
        Self { endpoint: endpoint.trim_end_matches('/').to_owned(), http }
    }

    /// Sends `request`, whose URI may be a path alone, and reads the whole answer.
    ///
    /// # Errors
    /// If nobody answers there.
    pub async fn send(&self, request: Request<Bytes>) -> Result<(StatusCode, Bytes)> {
        let response = self.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await.context("the answer was cut off")?.to_bytes();
        Ok((status, body))
    }

    /// The answer's head; its body comes.
    ///
    /// # Errors
    /// If nobody answers there.
    pub(crate) async fn request(&self, mut request: Request<Bytes>) -> Result<Response<Incoming>> {
        if request.uri().authority().is_none() {
            *request.uri_mut() = format!("{}{}", self.endpoint, request.uri()).parse::<Uri>()?;
        }
        let advice =
            || format!("nothing answers at {}; is `updraft start` running, or is --endpoint wrong?", self.endpoint);
        self.http.request(request.map(Full::new)).await.with_context(advice)
    }

    /// Sends `request` to the admin surface, for an answer that is too large to be held.
    ///
    /// # Errors
    /// If nobody answers, or the answer is an error: then with its message.
    pub async fn open(&self, request: Request<Bytes>) -> Result<Pieces> {
        let response = self.request(request).await?;
        if response.status().is_success() {
            return Ok(Pieces(response.into_body()));
        }
        let body = response.into_body().collect().await.context("the answer was cut off")?.to_bytes();
        Err(refusal(&serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// A JSON exchange with the admin surface.
    ///
    /// # Errors
    /// If nobody answers, or the answer is an error: then with its message.
    pub async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder().method(method).uri(format!("/_updraft/{path}")).body(Bytes::from(body))?;
        let (status, body) = self.send(request).await?;
        let value: Value = serde_json::from_slice(&body).context("the answer is not JSON")?;
        if !status.is_success() {
            return Err(refusal(&value));
        }
        Ok(value)
    }
}

/// What the platform says against it.
fn refusal(answer: &Value) -> Error {
    anyhow!("{}", answer.get("message").and_then(Value::as_str).unwrap_or("the platform refused"))
}

/// An answer's body as it comes.
#[derive(Debug)]
pub struct Pieces(pub(crate) Incoming);

impl Pieces {
    /// `None`: that was all, and the platform says so.
    ///
    /// # Errors
    /// If the platform or the connection broke off.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.0.frame().await.transpose()? {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }
}
