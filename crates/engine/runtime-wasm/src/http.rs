//! Requests that a component makes: as far as the network of functions goes, and without TLS, which nothing there needs.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use updraft_exec::{Life, Wire};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiBody, WasiHttpHooks};

/// How long a request waits for its answer to begin, unless it says so itself. AWS: no call takes longer.
const PATIENCE: Duration = Duration::from_mins(15);
const HTTP_PORT: u16 = 80;

pub(crate) struct Hooks(pub(crate) Arc<Life>);

/// Drives a connection as long as its answer is read.
type Driver = Box<dyn Future<Output = Result<()>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<()>> + Send>,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Driver)>> + Send> {
        Box::new(send(Arc::clone(&self.0), request, options.unwrap_or_default()))
    }

    fn default_scheme(&mut self) -> Option<Scheme> {
        Some(Scheme::HTTP)
    }
}

async fn send(
    life: Arc<Life>,
    mut request: Request<WasiBody>,
    options: RequestOptions,
) -> Result<(Response<WasiBody>, Driver)> {
    if request.uri().scheme() == Some(&Scheme::HTTPS) {
        return Err(Error::TlsProtocolError);
    }
    let authority = request.uri().authority().cloned().ok_or(Error::HttpRequestUriInvalid)?;
    let wire = connect(&life, &authority).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(wire)).await?;
    *request.uri_mut() = path(request.uri())?;
    let mut driver = Box::pin(connection);
    let patience = options.first_byte_timeout.unwrap_or(PATIENCE);
    let mut answer = std::pin::pin!(sender.send_request(request));
    let mut too_late = life.clock().pause(patience);
    let response = tokio::select! {
        biased;
        response = &mut answer => response?,
        () = &mut too_late => return Err(Error::ConnectionReadTimeout),
        ended = &mut driver => {
            // What it has read to the end may hold the answer.
            ended?;
            return Ok((answer.await?.map(body), Box::new(std::future::ready(Ok(())))));
        }
    };
    Ok((response.map(body), Box::new(async move { Ok(driver.await?) })))
}

fn body(body: hyper::body::Incoming) -> WasiBody {
    body.map_err(Error::from).boxed_unsync()
}

async fn connect(life: &Life, authority: &Authority) -> Result<Box<dyn Wire>> {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let port = authority.port_u16().unwrap_or(HTTP_PORT);
    life.connect(host, port).await.map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => Error::HttpRequestDenied,
        ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        _ => Error::Connect(error),
    })
}

/// What is left of an address on a connection to whom it names.
fn path(uri: &Uri) -> Result<Uri> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Uri::try_from(path).map_err(|_| Error::HttpRequestUriInvalid)
}
