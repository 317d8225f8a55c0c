//! A client of the platform: one signed request, one connection.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::header::{CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderMap, Method};
use serde_json::Value;
use updraft_kernel::ports::SecretKey;
use updraft_kernel::{Clock, SystemClock};
use updraft_sigv4::{Parts, Signer, SigningInput, sign};

/// Longer than anything takes that is asked here.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Call<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    /// `x-amz-target`, where the service has one.
    pub(crate) target: Option<&'a str>,
    pub(crate) body: String,
}

impl<'a> Call<'a> {
    pub(crate) fn dynamodb(operation: &'a str, input: &Value) -> Self {
        Self { service: "dynamodb", method: Method::POST, path: "/", target: Some(operation), body: input.to_string() }
    }

    /// The answer of a 2xx.
    ///
    /// # Errors
    /// If nobody answers, or something else.
    pub(crate) fn send(&self, port: u16) -> Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut request = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers(port)? {
            request += &format!("{name}: {}\r\n", value.to_str()?);
        }
        request += &format!("content-length: {}\r\nconnection: close\r\n\r\n{}", self.body.len(), self.body);
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer was cut off")?;
        ensure!(head.starts_with("HTTP/1.1 2"), "{head}\n{body}");
        Ok(if body.is_empty() { Value::Null } else { serde_json::from_str(body)? })
    }

    fn headers(&self, port: u16) -> Result<HeaderMap> {
        let mut headers = HeaderMap::from_iter([
            (HOST, format!("127.0.0.1:{port}").parse()?),
            (CONTENT_TYPE, "application/x-amz-json-1.0".parse()?),
        ]);
        if let Some(target) = self.target {
            headers.insert(HeaderName::from_static("x-amz-target"), format!("DynamoDB_20120810.{target}").parse()?);
        }
        let signer = Signer {
            access_key_id: "test".to_owned(),
            secret: SecretKey("test".to_owned()),
            token: None,
            region: "us-east-1".to_owned(),
            service: self.service.to_owned(),
        };
        let parts = Parts { method: self.method.as_str(), raw_path: self.path, raw_query: "", headers: &headers };
        let input = SigningInput { parts, body: self.body.as_bytes(), at: SystemClock::new().real_now() };
        for (name, value) in sign(&signer, input) {
            headers.insert(name, value.parse()?);
        }
        Ok(headers)
    }
}
