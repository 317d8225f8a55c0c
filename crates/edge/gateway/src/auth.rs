//! Who signs? The claim is read before routing, since its scope says which service is meant; it is proved once the
//! body is there.

use std::net::IpAddr;

use bytes::Bytes;
use http::HeaderName;
use http::header::{REFERER, USER_AGENT};
use http::request::Parts as HttpHead;
use updraft_kernel::{Identity, Region, SignedBy, Via};
use updraft_sigv4::{AuthError, Body, ChunkSigning, Claim, Kind, Parts as SignedParts, Style};
use updraft_wire::model::Protocol;
use updraft_wire::{Operation, ServiceModel};

use crate::admin::Signer;
use crate::gateway::Gateway;
use crate::hosts;

/// A caller whose signature was verified, or nobody where nobody is allowed.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) identity: Identity,
    pub(crate) region: Region,
    /// `None` for nobody.
    pub(crate) claim: Option<Claim>,
    /// What the signatures of the body's chunks are chained from.
    pub(crate) chunks: Option<ChunkSigning>,
}

fn signed(head: &HttpHead) -> SignedParts<'_> {
    SignedParts {
        method: head.method.as_str(),
        raw_path: head.uri.path(),
        raw_query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
    }
}

impl Gateway {
    /// What the request says of its signer; nothing of it is proved.
    pub(crate) fn claim(&self, head: &HttpHead) -> Result<Claim, AuthError> {
        updraft_sigv4::parse(&signed(head))
    }

    /// Proves the claim. Of a body that is still to come, what the claim says of it is left to be checked.
    pub(crate) async fn prove(&self, claim: Claim, head: &HttpHead, body: Body<'_>) -> Result<Caller, AuthError> {
        let (id, token) = (claim.access_key_id.as_str(), claim.token.as_deref());
        let resolved = self.parts.credentials.resolve(id, token).await;
        let key = resolved.map_err(|why| AuthError::unknown_key(why, id))?;
        let now = self.parts.clock.real_now();
        let region = Region::parse(&claim.scope.region).unwrap_or_else(|_| Region::default_region());
        if claim.is_version2() {
            let path = hosts::bucket_path(head);
            let parts = SignedParts { raw_path: path.as_deref().unwrap_or(head.uri.path()), ..signed(head) };
            claim.verify_version2(&key.secret, &parts, now)?;
            return Ok(Caller { identity: key.identity, region, claim: Some(claim), chunks: None });
        }
        let signing = self.keys.get(&claim.access_key_id, &key.secret, &claim.scope);
        let verified = claim.verify_with(&signing, &signed(head), body, now)?;
        Ok(Caller { identity: key.identity, region, claim: Some(claim), chunks: verified.chunks })
    }

    /// Who has signed the request, if it is a key we know: for the admin surface, which is nobody's service.
    pub(crate) async fn signed_by(
        &self,
        claim: Result<Claim, AuthError>,
        head: &HttpHead,
        body: &Bytes,
    ) -> Option<Signer> {
        let caller = self.prove(claim.ok()?, head, Body::Bytes(body)).await.ok()?;
        Some(Signer { account: caller.identity.account, region: caller.region })
    }
}

/// How a request came.
pub(crate) fn via(head: &HttpHead, claim: Option<&Claim>, op: &Operation) -> Via {
    let text = |name: HeaderName| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    let ip: Option<&IpAddr> = head.extensions.get();
    Via {
        action: op.meta.action,
        user_agent: text(USER_AGENT),
        referer: text(REFERER),
        signed: claim.map(|claim| match claim.kind {
            Kind::Header => SignedBy::Header,
            Kind::Query { .. } | Kind::Version2 { .. } => SignedBy::Query,
        }),
        signed_at: claim.filter(|claim| !matches!(claim.kind, Kind::Version2 { .. })).map(|claim| claim.date),
        // There is no TLS here; but on this machine, and from within a sandbox, nobody reads along.
        secure: ip.is_some_and(IpAddr::is_loopback),
    }
}

/// In whose words a refusal is told.
pub(crate) fn style(model: &ServiceModel, protocol: Protocol) -> Style {
    match protocol {
        Protocol::RestXml if model.name == "s3" => Style::S3,
        Protocol::Query | Protocol::RestXml => Style::Query,
        Protocol::RestJson => Style::RestJson,
        Protocol::Json | Protocol::Cbor => Style::Json,
    }
}
