//! The parts of a request and of a response, without any server behind them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::body::ByteStream;

/// What a decoder looks at. Path and query are as received, never decoded.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub method: &'a Method,
    /// With its leading slash.
    pub path: &'a str,
    /// Without `?`.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    /// Whole, and no longer compressed or chunked.
    pub body: &'a Bytes,
}

impl<'a> Request<'a> {
    /// The first header of that name, if it is readable text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What an encoder makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// What is sent instead of `body`, where it isn't there as a whole.
    pub stream: Option<ByteStream>,
}

impl Response {
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), stream: None }
    }

    /// With a body of that type.
    pub(crate) fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// Sets a header; text that cannot stand in one is left out.
    pub fn set(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            self.headers.insert(name, value);
        }
    }
}
