//! HTTP that the platform itself sends to servers anywhere: topics' subscribers, and whatever else services are told the
//! URL of. Implemented at the edge, which decides what may be reached.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::BoxFuture;

/// A request to somebody's server.
#[derive(Clone, Debug)]
pub struct WebRequest {
    pub method: Method,
    /// Absolute, of scheme `http` or `https`. A user and a password in it are sent as `Authorization`.
    pub url: String,
    /// All that are sent, but for `host` and `content-length`.
    pub headers: HeaderMap,
    pub body: Bytes,
    /// How long (in real time) an answer is waited for, from the first name that is looked up to the body's end.
    pub patience: Duration,
}

/// What the server answered, whatever its status: redirects aren't followed.
#[derive(Clone, Debug)]
pub struct WebResponse {
    pub status: u16,
    pub headers: HeaderMap,
    /// [`MOST`] bytes of it at most; the rest isn't read.
    pub body: Bytes,
}

/// Of an answer this much is read.
pub const MOST: usize = 1 << 20;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebFailure {
    /// It is no URL that anything could be sent to.
    Url(String),
    /// It isn't to be reached from here.
    Forbidden(String),
    /// Nobody answers there, or what answers isn't who it should be, or speaks no HTTP.
    Unreachable(String),
    TooSlow,
}

impl fmt::Display for WebFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(why) | Self::Forbidden(why) | Self::Unreachable(why) => f.write_str(why),
            Self::TooSlow => f.write_str("there was no answer in time"),
        }
    }
}

impl std::error::Error for WebFailure {}

pub trait WebPort: Send + Sync + fmt::Debug {
    /// Sends it once.
    ///
    /// # Errors
    /// If there is no answer.
    fn send(&self, request: WebRequest) -> BoxFuture<'_, Result<WebResponse, WebFailure>>;
}
