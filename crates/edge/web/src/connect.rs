//! Connections to where a URL says, if that may be reached.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;
use updraft_kernel::BoxFuture;
use updraft_kernel::ports::WebFailure;

use crate::reach::Reach;

/// Makes connections for the HTTP client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connector {
    pub(crate) reach: Reach,
}

/// That an address isn't to be reached.
#[derive(Debug)]
struct Forbidden(String);

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Forbidden {}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move { connect(reach, &uri).await.map(TokioIo::new) })
    }
}

async fn connect(reach: Reach, uri: &Uri) -> io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address"));
    for address in addresses(host, port).await? {
        // Judged is what is connected to, so that a name can't stand for one address now and for another then.
        if !reach.includes(address.ip()) {
            let why = format!("{host} is at {}, which isn't to be reached from here", address.ip());
            last = io::Error::new(io::ErrorKind::PermissionDenied, Forbidden(why));
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Names below `localhost` are this machine's, as by RFC 6761, whether or not its resolver knows.
async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    if name.ends_with(".localhost") {
        return Ok(vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)]);
    }
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// Why nothing could be sent, or no answer came.
pub(crate) fn failure(error: &(dyn Error + 'static)) -> WebFailure {
    let causes: Vec<_> =
        std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source()).collect();
    let forbidden = |cause: &&(dyn Error + 'static)| {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.is_some_and(<dyn Error + Send + Sync>::is::<Forbidden>) || cause.is::<Forbidden>()
    };
    let refused = causes.iter().any(forbidden);
    let innermost = causes.last().map(ToString::to_string).unwrap_or_default();
    if refused { WebFailure::Forbidden(innermost) } else { WebFailure::Unreachable(innermost) }
}
