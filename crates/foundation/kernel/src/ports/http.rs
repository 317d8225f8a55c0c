//! HTTP that isn't AWS's API but an application's: what the gateway hands to API Gateway's invoke path and to
//! function URLs.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::{HeaderMap, Method};

use crate::{AwsError, BoxFuture, Ctx, Identity, Region};

/// A request to an API, with what the gateway made out about it.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The API's or the function URL's id, from the host or the path.
    pub id: String,
    pub method: Method,
    /// Not decoded, with its leading slash, behind whatever named the API (`/_aws/execute-api/{id}`), with the stage.
    pub raw_path: String,
    /// Not decoded, without `?`.
    pub raw_query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub source_ip: IpAddr,
    /// As the client sent it, with the port.
    pub host: String,
    /// `HTTP/1.1`.
    pub protocol: &'static str,
    pub signer: Signer,
}

/// Who signed a request, by AWS's signature. Whether that matters is the data plane's to say: an application's own
/// `Authorization` is none of ours.
#[derive(Clone, Debug)]
pub enum Signer {
    Nobody,
    /// The signature holds, and was made for this region.
    Known {
        identity: Arc<Identity>,
        region: Region,
    },
    /// It claims to be signed, and that doesn't hold.
    Refused(Arc<AwsError>),
}

#[derive(Debug)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: HttpBody,
}

/// What a response holds.
pub enum HttpBody {
    Whole(Bytes),
    /// As it comes, and asked for only as fast as the client takes it. Dropped when the client has hung up; an error
    /// breaks the connection off, since the status is out already.
    Pieces(BoxStream<'static, io::Result<Bytes>>),
}

impl HttpBody {
    /// The bytes of a body that is there.
    #[must_use]
    pub fn whole(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Pieces(_) => None,
        }
    }
}

impl<T: Into<Bytes>> From<T> for HttpBody {
    fn from(bytes: T) -> Self {
        Self::Whole(bytes.into())
    }
}

impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => f.debug_tuple("Whole").field(&bytes.len()).finish(),
            Self::Pieces(_) => f.write_str("Pieces"),
        }
    }
}

/// A host as it is sent, without its port: `localhost` of `localhost:4566`, `[::1]` of `[::1]:4566`.
#[must_use]
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Serves application HTTP. Errors are responses too: nothing here fails with an AWS error.
pub trait HttpDataPlane: Send + Sync + fmt::Debug {
    /// `None`: no API of that id in this service.
    fn serve<'a>(&'a self, cx: &'a Ctx, request: HttpRequest) -> BoxFuture<'a, Option<HttpResponse>>;
}
