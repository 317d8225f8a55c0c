//! What isn't AWS's: `/_updraft/…`. Small, named once, and never open to a function or to a stranger.

mod clock;
mod debug;
mod logs;
mod nodes;
mod outbox;
mod snapshot;

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use updraft_kernel::ports::{DebugPort, HttpDataPlane, LogsPort, PostboxPort};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Clock, Region, Shutdown};
use updraft_nodes::Nodes;
use updraft_timers::ClockControl;

use crate::metrics::Metrics;
use crate::peer::{Origin, Peer};
use crate::response::{self, Response};

pub use snapshot::Snapshots;

/// Emptying accounts; the binary knows what all there is to empty.
pub trait Reset: Send + Sync + Debug {
    /// `None`: everything.
    fn reset(&self, account: Option<AccountId>) -> BoxFuture<'_, Result<(), AwsError>>;
}

/// What the health page says of the installation.
#[derive(Clone, Debug)]
pub struct Health {
    pub version: &'static str,
    /// `fjall (./.updraft)` or `memory`.
    pub store: String,
    /// Empty while the host is still being probed; functions wait for that, other requests don't.
    pub isolation: Arc<OnceLock<Isolation>>,
}

/// How well functions are kept apart on this host.
#[derive(Clone, Debug)]
pub struct Isolation {
    /// Such as `full`.
    pub level: String,
    /// What is missing or weakened, each a sentence.
    pub warnings: Vec<String>,
    /// What they reach: a sentence.
    pub network: String,
}

/// The admin surface and what it reaches.
#[derive(Clone, Debug)]
pub struct Admin {
    pub health: Health,
    pub clock: Arc<ClockControl>,
    pub logs: Arc<dyn LogsPort>,
    /// Of the machine: for how long a client may be kept waiting.
    pub time: Arc<dyn Clock>,
    pub nodes: Nodes,
    pub reset: Arc<dyn Reset>,
    pub snapshots: Arc<dyn Snapshots>,
    pub debug: Arc<dyn DebugPort>,
    pub postbox: Arc<dyn PostboxPort>,
    /// The pages under `console`. Unsigned requests that it is given are of this machine.
    pub console: Arc<dyn HttpDataPlane>,
}

/// Whose signature a request carries, and the region that it is for.
#[derive(Clone, Debug)]
pub struct Signer {
    pub account: AccountId,
    pub region: Region,
}

/// One request to it.
#[derive(Clone, Debug)]
pub struct AdminRequest<'a> {
    pub method: &'a Method,
    /// Behind `/_updraft/`.
    pub path: &'a str,
    pub query: &'a str,
    pub body: &'a Bytes,
    /// Of the listener; `None` where the request came by another way.
    pub stopping: Option<Shutdown>,
}

/// Whether somebody is let near the admin surface: from this machine, or with a valid signature; a function never.
pub(crate) fn admits(peer: &Peer, signed: bool) -> bool {
    peer.origin == Origin::Loopback || (peer.origin == Origin::Remote && signed)
}

pub(crate) fn closed() -> Response {
    failure(StatusCode::FORBIDDEN, "the admin surface needs a signed request, and is closed to functions")
}

impl Admin {
    /// Answers a request of `peer`; `signer`, if it carried a valid signature.
    pub async fn handle(
        &self,
        peer: &Peer,
        signer: Option<&Signer>,
        request: AdminRequest<'_>,
        metrics: &Metrics,
    ) -> Response {
        let open = request.path == "health" && request.method == Method::GET;
        if !open && !admits(peer, signer.is_some()) {
            return closed();
        }
        match (request.method, request.path) {
            (&Method::GET | &Method::HEAD, "health") => self.health(),
            (&Method::GET, "clock") => response::json(StatusCode::OK, &clock::shown(&self.clock.get())),
            (&Method::POST, "clock") => clock::moved(&self.clock, request.body).await,
            (&Method::GET, "logs") => logs::page(self, request.query, request.stopping).await,
            (&Method::GET, "nodes") => nodes::page(&self.nodes).await,
            (&Method::GET, "outbox") => outbox::page(&*self.postbox, signer, request.query).await,
            (&Method::GET, "outbox.json") => outbox::list(&*self.postbox, signer, request.query).await,
            (&Method::POST, "outbox") => outbox::answered(&*self.postbox, signer, request.body).await,
            (&Method::GET, "snapshot") => snapshot::taken(&*self.snapshots),
            (&Method::GET, "metrics") => response::text(metrics.text()),
            (&Method::POST, "debug") => debug::opened(self, (peer, signer), request.body, request.stopping).await,
            (&Method::POST, "reset") => self.emptied(peer, request.body).await,
            (
                _,
                "health" | "clock" | "debug" | "logs" | "nodes" | "outbox" | "outbox.json" | "snapshot" | "metrics"
                | "reset",
            ) => failure(StatusCode::METHOD_NOT_ALLOWED, "this page takes another method"),
            _ => failure(
                StatusCode::NOT_FOUND,
                "there is console, health, clock, debug, logs, nodes, outbox, snapshot, metrics and reset here",
            ),
        }
    }

    /// What it is, and whether it can be sent requests: a node that is about to leave, or has lost its store or the time,
    /// answers 503.
    fn health(&self) -> Response {
        let Health { version, store, isolation } = &self.health;
        let found = isolation.get();
        let sandbox = found.map_or("probing", |isolation| isolation.level.as_str());
        let network = found.map_or("probing", |isolation| isolation.network.as_str());
        let warnings = found.map(|isolation| isolation.warnings.as_slice()).unwrap_or_default();
        let node = self.nodes.health().borrow().clone();
        let trouble = nodes::why_not(&node);
        let status = if trouble.is_none() { "ready" } else { "unavailable" };
        let mut said = json!({
            "status": status, "version": version, "store": store, "sandbox": sandbox, "network": network,
            "warnings": warnings,
            "node": nodes::own(&self.nodes, &node),
        });
        let code = if trouble.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        if let (Value::Object(said), Some(message)) = (&mut said, trouble) {
            said.insert("message".to_owned(), message.into());
        }
        response::json(code, &said)
    }

    async fn emptied(&self, peer: &Peer, body: &Bytes) -> Response {
        if peer.origin != Origin::Loopback {
            return failure(StatusCode::FORBIDDEN, "a reset is taken from this machine only");
        }
        let request: Value = match body.is_empty() {
            true => json!({}),
            false => match serde_json::from_slice(body) {
                Ok(value) => value,
                Err(_) => return failure(StatusCode::BAD_REQUEST, r#"say {} or {"account":"123456789012"}"#),
            },
        };
        let account = match request.get("account").map(|raw| raw.as_str().map(AccountId::parse)) {
            None => None,
            Some(Some(Ok(account))) => Some(account),
            Some(_) => return failure(StatusCode::BAD_REQUEST, "an account is twelve digits"),
        };
        match self.reset.reset(account).await {
            Ok(()) => response::json(StatusCode::OK, &json!({ "reset": true })),
            Err(err) => {
                tracing::error!(error = ?err, "a reset failed");
                failure(StatusCode::INTERNAL_SERVER_ERROR, "the reset failed; the log says why")
            }
        }
    }
}

/// An error of the admin surface: a sentence for a person.
fn failure(status: StatusCode, message: &str) -> Response {
    response::json(status, &json!({ "message": message }))
}
