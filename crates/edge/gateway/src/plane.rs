//! The way to applications' own HTTP, and to the admin surface.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::Body;
use serde_json::json;
use tracing::Span;
use updraft_kernel::ports::{HttpBody, HttpDataPlane, HttpRequest, HttpResponse, Signer};
use updraft_kernel::{AccountId, Ctx, Identity, Principal, Region, RequestId, Shutdown};
use updraft_sigv4::{AuthError, Claim, Style};

use crate::account::Account;
use crate::admin::AdminRequest;
use crate::body::{self, BodyError};
use crate::gateway::{Gateway, Incoming};
use crate::operation::Arrived;
use crate::peer::Peer;
use crate::response::{self, Response};
use crate::{hosts, observe};

/// What API Gateway takes.
const API_BODY: usize = 10 << 20;
/// What Lambda takes: its events hold 6 MiB.
const URL_BODY: usize = 6_291_456;
const ADMIN_BODY: usize = 1 << 20;
/// What an answer is counted as that broke off after its status was out.
const BROKEN: u16 = 502;

/// Which API a request is for.
pub(crate) struct ApiPath {
    pub(crate) id: String,
    /// Not decoded, behind whatever named the API.
    pub(crate) path: String,
}

/// A kind of applications' HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// In a signature's scope.
    signing: &'static str,
    /// For the metrics.
    service: &'static str,
    most: usize,
    /// In answer to a body that is larger.
    too_large: &'static str,
}

pub(crate) const API: Kind =
    Kind { signing: "execute-api", service: "execute-api", most: API_BODY, too_large: "Request Entity Too Large" };
pub(crate) const FUNCTION_URL: Kind = Kind {
    signing: "lambda",
    service: "lambda-url",
    most: URL_BODY,
    too_large: "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
};

/// Websites are asked without a body.
pub(crate) const WEBSITE: Kind =
    Kind { signing: "s3", service: "s3-website", most: ADMIN_BODY, too_large: "Request Entity Too Large" };

impl Gateway {
    /// Hands a request to the first data plane that has an API of this id.
    pub(crate) async fn application<B>(
        &self,
        (kind, planes): (Kind, &[Arc<dyn HttpDataPlane>]),
        peer: &Peer,
        (api, claim): (ApiPath, Result<Claim, AuthError>),
        incoming: Incoming<B>,
    ) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let account = self.account(self.parts.clock.monotonic(), Span::current(), (kind.service, "Invoke"));
        let Incoming { head, body, id } = incoming;
        let answer = match body::read(body, kind.most).await {
            Ok(body) => {
                let signer = self.signer(kind.signing, claim, &head, &body).await;
                self.served(planes, peer, (api, signer), Arrived::new(head, body, id)).await
            }
            Err(BodyError::TooLarge { .. }) => whole(StatusCode::PAYLOAD_TOO_LARGE, kind.too_large),
            Err(_) => whole(StatusCode::BAD_REQUEST, "Bad Request"),
        };
        answered(answer, account)
    }

    /// A request that isn't signed by AWS's rules has no signer, whatever its `Authorization` is.
    async fn signer(
        &self,
        service: &str,
        claim: Result<Claim, AuthError>,
        head: &http::request::Parts,
        body: &Bytes,
    ) -> Signer {
        let proved = match claim {
            // Links as S3 took them before mean nothing here: it is the application's own query.
            Ok(claim) if claim.is_version2() => return Signer::Nobody,
            Ok(claim) => match claim.check_scope(service, None) {
                Ok(()) => self.prove(claim, head, updraft_sigv4::Body::Bytes(body)).await,
                Err(err) => Err(err),
            },
            Err(err) if is_signed(head) => Err(err),
            Err(_) => return Signer::Nobody,
        };
        match proved {
            Ok(caller) => Signer::Known { identity: Arc::new(caller.identity), region: caller.region },
            Err(err) => Signer::Refused(Arc::new(updraft_sigv4::to_aws(&err, Style::RestJson))),
        }
    }

    async fn served(
        &self,
        planes: &[Arc<dyn HttpDataPlane>],
        peer: &Peer,
        (api, signer): (ApiPath, Signer),
        arrived: Arrived,
    ) -> HttpResponse {
        let Arrived { head, body, id, .. } = arrived;
        let cx = self.anonymous(&head, id);
        let request = request_of(head, body, api, (peer, signer));
        for plane in planes {
            if let Some(answer) = plane.serve(&cx, request.clone()).await {
                return answer;
            }
        }
        // AWS: an unknown API id has no DNS name; what a wrong stage of a REST API answers is the nearest to it.
        whole(StatusCode::NOT_FOUND, "Not Found")
    }

    /// The data plane finds whose API it is; until then a request is nobody's.
    pub(crate) fn anonymous(&self, head: &http::request::Parts, id: RequestId) -> Ctx {
        let account = AccountId::local();
        let identity =
            Identity { account: account.clone(), principal: Principal::Anonymous, access_key_id: String::new() };
        Ctx {
            identity: Arc::new(identity),
            account,
            region: Region::default_region(),
            request_id: id,
            clock: Arc::clone(&self.parts.clock),
            rng: Arc::clone(&self.parts.rng),
            endpoint: format!("http://{}", hosts::of(&head.headers)).into(),
            trace: observe::trace(&head.headers),
            source_ip: head.extensions.get().copied(),
            via: None,
        }
    }

    pub(crate) async fn admin<B>(
        &self,
        peer: &Peer,
        path: &str,
        claim: Result<Claim, AuthError>,
        incoming: Incoming<B>,
    ) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let Incoming { head, body, .. } = incoming;
        let Ok(body) = body::read(body, ADMIN_BODY).await else {
            return message(StatusCode::BAD_REQUEST, "the body can't be read, or is over a megabyte");
        };
        let signer = self.signed_by(claim, &head, &body).await;
        let query = head.uri.query().unwrap_or_default();
        let stopping = head.extensions.get::<Shutdown>().cloned();
        let request = AdminRequest { method: &head.method, path, query, body: &body, stopping };
        self.parts.admin.handle(peer, signer.as_ref(), request, &self.parts.metrics).await
    }
}

/// A request as what is behind a data plane gets it.
pub(crate) fn request_of(
    head: http::request::Parts,
    body: Bytes,
    of: ApiPath,
    (peer, signer): (&Peer, Signer),
) -> HttpRequest {
    HttpRequest {
        id: of.id,
        raw_path: of.path,
        raw_query: head.uri.query().unwrap_or_default().to_owned(),
        host: hosts::of(&head.headers).to_owned(),
        protocol: if head.version == http::Version::HTTP_2 { "HTTP/2.0" } else { "HTTP/1.1" },
        method: head.method,
        headers: head.headers,
        body,
        source_ip: peer.ip,
        signer,
    }
}

/// Whether a request means to be signed as AWS's are.
fn is_signed(head: &http::request::Parts) -> bool {
    let header = head.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let query = head.uri.query().unwrap_or_default();
    header.is_some_and(|value| value.starts_with("AWS4-")) || query.contains("X-Amz-Signature=")
}

/// The accounts are closed once the answer is out, be that now or with the last of its pieces.
fn answered(answer: HttpResponse, mut account: Account) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    match answer.body {
        HttpBody::Whole(bytes) => {
            account.close(status.as_u16());
            response::of(status, answer.headers, bytes)
        }
        HttpBody::Pieces(pieces) => {
            let pieces = stream::unfold(Some((pieces, account)), move |state| async move {
                let (mut pieces, mut account) = state?;
                let piece = next(&mut pieces, &mut account, status.as_u16()).await?;
                Some((piece, (!account.closed).then_some((pieces, account))))
            });
            response::pieces(status, answer.headers, pieces.boxed())
        }
    }
}

async fn next(
    pieces: &mut BoxStream<'static, io::Result<Bytes>>,
    account: &mut Account,
    status: u16,
) -> Option<io::Result<Bytes>> {
    let piece = AssertUnwindSafe(pieces.next()).catch_unwind().await.unwrap_or_else(|_| {
        account.metrics.panicked();
        tracing::error!("a data plane panicked while it answered");
        Some(Err(io::Error::other("panicked")))
    });
    match &piece {
        Some(Ok(_)) => {}
        Some(Err(_)) => account.close(BROKEN),
        None => account.close(status),
    }
    piece
}

fn whole(status: StatusCode, text: &str) -> HttpResponse {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    HttpResponse { status: status.as_u16(), headers, body: json!({ "message": text }).to_string().into() }
}

pub(crate) fn message(status: StatusCode, text: &str) -> Response {
    response::json(status, &json!({ "message": text }))
}
