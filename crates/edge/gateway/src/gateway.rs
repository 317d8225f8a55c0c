//! [`Gateway`]: one request in, one response out.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::HOST;
use http::{Request, StatusCode};
use http_body::Body;
use serde_json::json;
use updraft_access::AccessPort;
use updraft_kernel::ports::{Authorizer, CertificatesPort, CredentialsPort, DownloadsPort, HttpDataPlane};
use updraft_kernel::{Clock, RequestId, Rng, RngExt};
use updraft_sigv4::KeyCache;

use crate::admin::Admin;
use crate::console;
use crate::cors::{self, CorsPort};
use crate::download;
use crate::metrics::Metrics;
use crate::observe;
use crate::peer::Peer;
use crate::plane::{self, ApiPath};
use crate::response::{self, Response};
use crate::route::{Head, Route};
use crate::services::Services;
use crate::trail::Trail;
use crate::uploads::InTurn;

/// Signing keys remembered: one per access key, day, region and service in use.
const SIGNING_KEYS: usize = 1024;

/// What a gateway is made of; `compose` fills it.
#[derive(Debug)]
pub struct Parts {
    pub services: Services,
    pub credentials: Arc<dyn CredentialsPort>,
    pub authorizer: Arc<dyn Authorizer>,
    /// Asked in turn for the API of an id.
    pub data_planes: Vec<Arc<dyn HttpDataPlane>>,
    /// Serves the functions' own URLs.
    pub function_urls: Arc<dyn HttpDataPlane>,
    /// Serves the websites of buckets.
    pub websites: Arc<dyn HttpDataPlane>,
    pub downloads: Arc<dyn DownloadsPort>,
    pub certificates: Arc<dyn CertificatesPort>,
    /// What buckets say to pages of other origins.
    pub cors: Arc<dyn CorsPort>,
    /// Who is told of requests to buckets.
    pub accesses: Option<Arc<dyn AccessPort>>,
    pub admin: Admin,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub metrics: Metrics,
    /// Where calls are told as events, if they are.
    pub trail: Option<Trail>,
}

/// The edge of the platform. One for all listeners, the sandboxes' included.
#[derive(Debug)]
pub struct Gateway {
    pub(crate) parts: Parts,
    pub(crate) keys: KeyCache,
}

/// A request taken apart, its body not yet read.
pub(crate) struct Incoming<B> {
    pub(crate) head: http::request::Parts,
    pub(crate) body: B,
    pub(crate) id: RequestId,
}

impl Gateway {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts, keys: KeyCache::new(SIGNING_KEYS) }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.parts.clock)
    }

    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.parts.metrics
    }

    /// Answers a request. Never fails and never panics: a bug in an operation is a 500 and a counted panic.
    pub async fn handle<B>(&self, peer: &Peer, request: Request<B>) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
    {
        let id = RequestId::new(self.parts.rng.uuid());
        let (mut head, body) = request.into_parts();
        name_host(&mut head);
        head.extensions.insert(peer.ip);
        let body = InTurn::new(body, peer.uploads.as_deref());
        let answer = AssertUnwindSafe(self.answer(peer, Incoming { head, body, id })).catch_unwind().await;
        answer.unwrap_or_else(|_| {
            self.parts.metrics.panicked();
            tracing::error!("an operation panicked");
            response::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "__type": "InternalFailure" }))
        })
    }

    async fn answer<B>(&self, peer: &Peer, incoming: Incoming<InTurn<B>>) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send + 'static,
    {
        let claim = self.claim(&incoming.head);
        let head = Head {
            method: &incoming.head.method,
            path: incoming.head.uri.path(),
            query: incoming.head.uri.query().unwrap_or_default(),
            headers: &incoming.head.headers,
            scope: claim.as_ref().ok().map(|claim| claim.scope.service.as_str()),
        };
        match Route::of(&head, None) {
            Route::Admin(path) if console::has(&path) => self.console(peer, &path, claim, incoming).await,
            Route::Admin(path) => self.admin(peer, &path, claim, incoming).await,
            Route::LocalstackHealth => observe::localstack_health(&self.parts.services),
            Route::ExecuteApi { id, path } => {
                let planes = (plane::API, self.parts.data_planes.as_slice());
                self.application(planes, peer, (ApiPath { id, path }, claim), incoming).await
            }
            Route::FunctionUrl { id, path } => {
                let planes = (plane::FUNCTION_URL, std::slice::from_ref(&self.parts.function_urls));
                self.application(planes, peer, (ApiPath { id, path }, claim), incoming).await
            }
            Route::Website { bucket, path } => {
                let planes = (plane::WEBSITE, std::slice::from_ref(&self.parts.websites));
                self.application(planes, peer, (ApiPath { id: bucket, path }, claim), incoming).await
            }
            Route::LambdaCode { id } => download::code(&*self.parts.downloads, &incoming.head.method, &id).await,
            Route::Certificate { name } => {
                download::certificate(&*self.parts.certificates, &incoming.head.method, &name).await
            }
            Route::Nothing => refused(StatusCode::NOT_FOUND, "nothing is at this reserved path"),
            Route::Service(target) => match cors::Asked::of(&incoming.head, &target) {
                Some(asked) => self.of_a_page(asked, (claim, target), incoming).await,
                None => self.service(claim, target, incoming).await,
            },
        }
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    response::json(status, &json!({ "message": message }))
}

/// HTTP/2 names the host in `:authority`; what is behind the edge looks for it in the `host` header, as was signed.
fn name_host(head: &mut http::request::Parts) {
    let named = head.uri.authority().and_then(|authority| authority.as_str().parse().ok());
    if let (Some(host), false) = (named, head.headers.contains_key(HOST)) {
        head.headers.insert(HOST, host);
    }
}
