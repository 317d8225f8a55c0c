//! The way to applications' own HTTP, and to the admin surface.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http_body::Body;
use serde_json::json;
use updraft_kernel::ports::{HttpRequest, HttpResponse};
use updraft_kernel::{AccountId, Ctx, Identity, Principal, Region, RequestId};
use updraft_sigv4::{AuthError, Claim};

use crate::admin::AdminRequest;
use crate::body::{self, BodyError};
use crate::gateway::{Gateway, Incoming};
use crate::hosts;
use crate::operation::Arrived;
use crate::peer::Peer;
use crate::response::{self, Response};

/// What API Gateway takes.
const APPLICATION_BODY: usize = 10 << 20;
const ADMIN_BODY: usize = 1 << 20;

/// Which API a request is for.
pub(crate) struct ApiPath {
    pub(crate) id: String,
    /// Not decoded, behind whatever named the API.
    pub(crate) path: String,
}

impl Gateway {
    /// Hands a request to the first data plane that has an API of this id.
    pub(crate) async fn application<B>(&self, peer: &Peer, api: ApiPath, incoming: Incoming<B>) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let from = self.parts.clock.monotonic();
        let Incoming { head, body, id } = incoming;
        let response = match body::read(body, APPLICATION_BODY).await {
            Ok(body) => self.served(peer, api, Arrived { head, body, id }).await,
            Err(BodyError::TooLarge { .. }) => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Err(_) => message(StatusCode::BAD_REQUEST, "Bad Request"),
        };
        let took = self.parts.clock.monotonic().saturating_sub(from);
        self.parts.metrics.observe("execute-api", "Invoke", response.status().as_u16(), took);
        response
    }

    async fn served(&self, peer: &Peer, api: ApiPath, arrived: Arrived) -> Response {
        let Arrived { head, body, id } = arrived;
        let cx = self.anonymous(&head, id);
        let request = HttpRequest {
            id: api.id,
            raw_path: api.path,
            raw_query: head.uri.query().unwrap_or_default().to_owned(),
            host: hosts::of(&head.headers).to_owned(),
            protocol: if head.version == http::Version::HTTP_2 { "HTTP/2.0" } else { "HTTP/1.1" },
            method: head.method,
            headers: head.headers,
            body,
            source_ip: peer.ip,
        };
        for plane in &self.parts.data_planes {
            if let Some(HttpResponse { status, headers, body }) = plane.serve(&cx, request.clone()).await {
                return response::of(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), headers, body);
            }
        }
        // AWS: an unknown API id has no DNS name; what a wrong stage of a REST API answers is the nearest to it.
        message(StatusCode::NOT_FOUND, "Not Found")
    }

    /// The data plane finds whose API it is; until then a request is nobody's.
    fn anonymous(&self, head: &http::request::Parts, id: RequestId) -> Ctx {
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
        let authenticated = self.is_authenticated(claim, &head, &body).await;
        let query = head.uri.query().unwrap_or_default();
        let request = AdminRequest { method: &head.method, path, query, body: &body };
        self.parts.admin.handle(peer, authenticated, request, &self.parts.metrics).await
    }
}

fn message(status: StatusCode, text: &str) -> Response {
    response::json(status, &json!({ "message": text }))
}
