//! HTTP that isn't AWS's API but an application's: what the gateway hands to API Gateway's invoke path and to
//! function URLs.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::{BoxFuture, Ctx};

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
}

#[derive(Clone, Debug)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Serves application HTTP. Errors are responses too: nothing here fails with an AWS error.
pub trait HttpDataPlane: Send + Sync + fmt::Debug {
    /// `None`: no API of that id in this service.
    fn serve<'a>(&'a self, cx: &'a Ctx, request: HttpRequest) -> BoxFuture<'a, Option<HttpResponse>>;
}
