//! The way to the console's pages.

use bytes::Bytes;
use futures_util::StreamExt;
use http::StatusCode;
use http_body::Body;
use updraft_kernel::Shutdown;
use updraft_kernel::ports::{HttpBody, HttpResponse, Signer};
use updraft_sigv4::{AuthError, Claim};

use crate::admin;
use crate::body;
use crate::gateway::{Gateway, Incoming};
use crate::peer::Peer;
use crate::plane::{self, ApiPath};
use crate::response::{self, Response};

/// A definition of the greatest length, in a form.
const BODY: usize = 4 << 20;

/// Whether a path of the admin surface is the console's.
pub(crate) fn has(path: &str) -> bool {
    path.strip_prefix("console").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Gateway {
    pub(crate) async fn console<B>(
        &self,
        peer: &Peer,
        path: &str,
        claim: Result<Claim, AuthError>,
        incoming: Incoming<B>,
    ) -> Response
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let Incoming { head, body, id } = incoming;
        let Ok(body) = body::read(body, BODY).await else {
            return plane::message(StatusCode::BAD_REQUEST, "the body can't be read, or is over four megabytes");
        };
        let caller = match claim {
            Ok(claim) => self.prove(claim, &head, updraft_sigv4::Body::Bytes(&body)).await.ok(),
            Err(_) => None,
        };
        if !admin::admits(peer, caller.is_some()) {
            return admin::closed();
        }
        let signer = caller
            .map_or(Signer::Nobody, |caller| Signer::Known { identity: caller.identity.into(), region: caller.region });
        let cx = self.anonymous(&head, id);
        let stopping = head.extensions.get::<Shutdown>().cloned();
        let page = ApiPath { id: String::new(), path: path.strip_prefix("console").unwrap_or(path).to_owned() };
        let request = plane::request_of(head, body, page, (peer, signer));
        match self.parts.admin.console.serve(&cx, request).await {
            Some(answer) => sent(answer, stopping),
            None => plane::message(StatusCode::NOT_FOUND, "there is no such page"),
        }
    }
}

/// Pages that go on and on end with the listener.
fn sent(answer: HttpResponse, stopping: Option<Shutdown>) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match (answer.body, stopping) {
        (HttpBody::Whole(bytes), _) => response::of(status, answer.headers, bytes),
        (HttpBody::Pieces(pieces), None) => response::pieces(status, answer.headers, pieces),
        (HttpBody::Pieces(pieces), Some(mut stopping)) => {
            let pieces = pieces.take_until(Box::pin(async move { stopping.requested().await }));
            response::pieces(status, answer.headers, pieces.boxed())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_has_what_is_under_its_name() {
        assert!(has("console") && has("console/") && has("console/states/machines"));
        assert!(!has("consoles") && !has("clock") && !has(""));
    }
}
