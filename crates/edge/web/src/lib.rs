//! HTTP that the platform sends: the edge towards other people's servers.
//!
//! Names are looked up here, every address is judged before it is connected to, and certificates are checked against the
//! host's authorities. It must never know who sends or what. Start reading at [`Web`] and [`Reach`].

mod connect;
mod reach;
mod trust;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::percent_decode_str;
use updraft_kernel::ports::web::MOST;
use updraft_kernel::ports::{WebFailure, WebPort, WebRequest, WebResponse};
use updraft_kernel::{BoxFuture, Clock};
use url::Url;

use crate::connect::Connector;
pub use crate::reach::Reach;

/// So long a connection is kept for the next request. Servers close theirs after a few seconds, and what is sent at that
/// very moment is lost.
const IDLE: Duration = Duration::from_secs(1);

type Sender = Client<HttpsConnector<Connector>, Full<Bytes>>;

/// Sends requests over HTTP/1.1, on connections that are kept for the next one.
#[derive(Debug)]
pub struct Web {
    reach: Reach,
    clock: Arc<dyn Clock>,
    /// Made when the first request is sent: the host's authorities take a while to read.
    sender: OnceLock<Result<Sender, String>>,
}

impl Web {
    #[must_use]
    pub fn new(reach: Reach, clock: Arc<dyn Clock>) -> Self {
        Self { reach, clock, sender: OnceLock::new() }
    }

    fn sender(&self) -> Result<&Sender, WebFailure> {
        let made = self.sender.get_or_init(|| {
            let trust = trust::config().map_err(|error| format!("there is no TLS: {error}"))?;
            let builder = HttpsConnectorBuilder::new().with_tls_config(trust).https_or_http().enable_http1();
            let connector = builder.wrap_connector(Connector { reach: self.reach });
            let mut client = Client::builder(TokioExecutor::new());
            Ok(client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector))
        });
        made.as_ref().map_err(|why| WebFailure::Unreachable(why.clone()))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<WebResponse, WebFailure> {
        let response = self.sender()?.request(request).await.map_err(|error| connect::failure(&error))?;
        let (head, body) = response.into_parts();
        let body = beginning(Response::new(body)).await?;
        Ok(WebResponse { status: head.status.as_u16(), headers: head.headers, body })
    }
}

impl WebPort for Web {
    fn send(&self, request: WebRequest) -> BoxFuture<'_, Result<WebResponse, WebFailure>> {
        Box::pin(async move {
            let patience = request.patience;
            let request = ready(request)?;
            tokio::select! {
                answer = self.exchange(request) => answer,
                () = self.clock.pause(patience) => Err(WebFailure::TooSlow),
            }
        })
    }
}

/// The request with what its URL says beside the place.
fn ready(request: WebRequest) -> Result<Request<Full<Bytes>>, WebFailure> {
    let wrong = |why: &dyn std::fmt::Display| WebFailure::Url(format!("{} is no URL to send to: {why}", request.url));
    let mut url = Url::parse(&request.url).map_err(|error| wrong(&error))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong(&"it is neither http nor https"));
    }
    let authorization = authorization(&url);
    url.set_fragment(None);
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    cleared.map_err(|()| wrong(&"it has no host"))?;
    let mut made = Request::builder().method(&request.method).uri(url.as_str());
    if let Some(headers) = made.headers_mut() {
        headers.extend(request.headers.clone());
        if let Some(value) = authorization {
            headers.entry(AUTHORIZATION).or_insert(value);
        }
    }
    made.body(Full::new(request.body.clone())).map_err(|error| wrong(&error))
}

/// Of the user in the URL, if there is one.
fn authorization(url: &Url) -> Option<HeaderValue> {
    let decoded = |part: &str| percent_decode_str(part).collect::<Vec<u8>>();
    let (user, password) = (url.username(), url.password().unwrap_or_default());
    if user.is_empty() && password.is_empty() {
        return None;
    }
    let both = [decoded(user), b":".to_vec(), decoded(password)].concat();
    HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(both))).ok()
}

async fn beginning(response: Response<Incoming>) -> Result<Bytes, WebFailure> {
    let (mut body, mut read) = (response.into_body(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| WebFailure::Unreachable(format!("the answer broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        let room = MOST - read.len();
        read.extend_from_slice(data.get(..room).unwrap_or(&data));
        if read.len() == MOST {
            break;
        }
    }
    Ok(read.freeze())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use updraft_kernel::SystemClock;

    use super::*;

    fn web(reach: Reach) -> Web {
        Web::new(reach, Arc::new(SystemClock::new()))
    }

    fn post(url: String) -> WebRequest {
        let headers = HeaderMap::from_iter([(http::header::USER_AGENT, HeaderValue::from_static("us"))]);
        let patience = Duration::from_secs(10);
        WebRequest { method: Method::POST, url, headers, body: Bytes::from_static(b"hello"), patience }
    }

    /// Answers one connection with `answer`, and gives what came in.
    async fn server(answer: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        #[expect(clippy::disallowed_methods, reason = "a server in a test")]
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut came = String::new();
            while !came.ends_with("hello") {
                let mut part = [0; 1024];
                let count = stream.read(&mut part).await.unwrap();
                came.push_str(std::str::from_utf8(&part[..count]).unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            came
        });
        (port, served)
    }

    #[tokio::test]
    async fn what_is_sent_is_what_was_given_and_the_hosts_own_headers() {
        let (port, served) = server("HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 2\r\n\r\nok").await;
        let answer = web(Reach::Anywhere).send(post(format!("http://u%40:p@localhost:{port}/a?b=c#d"))).await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (302, &b"ok"[..]));
        let came = served.await.unwrap().to_lowercase();
        let (head, _) = came.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<_> = head.lines().collect();
        lines.sort_unstable();
        let host = format!("host: localhost:{port}");
        // `u@:p` in base 64, and all in small letters.
        let expected =
            ["authorization: basic dua6ca==", "content-length: 5", &host, "post /a?b=c http/1.1", "user-agent: us"];
        assert_eq!(lines, expected, "{came}");
    }

    #[tokio::test]
    async fn a_name_below_localhost_is_this_machine() {
        let (port, _served) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let answer = web(Reach::Anywhere).send(post(format!("http://a.b.localhost:{port}/"))).await.unwrap();
        assert_eq!(answer.status, 200);
    }

    #[tokio::test]
    async fn nothing_private_is_reached_from_where_only_the_public_may_be() {
        for host in ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]"] {
            let failure = web(Reach::Public).send(post(format!("http://{host}:1/"))).await.unwrap_err();
            assert!(matches!(failure, WebFailure::Forbidden(_)), "{host}: {failure:?}");
        }
    }

    #[tokio::test]
    async fn whoever_does_not_answer_is_told_from_what_is_no_url() {
        let web = web(Reach::Anywhere);
        let nobody = web.send(post("http://127.0.0.1:1/".to_owned())).await.unwrap_err();
        assert!(matches!(nobody, WebFailure::Unreachable(_)), "{nobody:?}");
        for url in ["ftp://a/", "nothing", "http:///", "http://"] {
            let failure = web.send(post(url.to_owned())).await.unwrap_err();
            assert!(matches!(failure, WebFailure::Url(_)), "{url}: {failure:?}");
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent = format!("http://{}/", listener.local_addr().unwrap());
        let slow = WebRequest { patience: Duration::from_millis(50), ..post(silent) };
        assert_eq!(web.send(slow).await.unwrap_err(), WebFailure::TooSlow);
    }
}
