//! What a request claims about who signed it, before anybody looked up the key.

use std::fmt;
use std::time::Duration;

use updraft_kernel::UnixMillis;

use crate::authorization::{self, from_header};
use crate::canonical::{Parts, header_names};
use crate::error::{AuthError, ScopeError};
use crate::payload::PayloadMode;
use crate::presigned::from_query;
use crate::scope::{Scope, TERMINATOR};
use crate::version2;

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In `Authorization`.
    Header,
    /// In the query of a presigned URL that is good for so long after its date.
    Query { expires: Duration },
    /// In the query of a link as S3 took them before, that is good until then.
    Version2 { until: UnixMillis },
}

/// A signature as claimed. Nothing in it is proved until [`Claim::verify`] says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    pub access_key_id: String,
    pub scope: Scope,
    /// `X-Amz-Security-Token`, from where the signature stands.
    pub token: Option<String>,
    /// Lower case, sorted.
    pub signed_headers: Vec<String>,
    pub kind: Kind,
    pub payload: PayloadMode,
    /// When it was signed.
    pub date: UnixMillis,
    /// The same as `YYYYMMDDTHHMMSSZ`.
    pub(crate) timestamp: String,
    pub(crate) signature: String,
}

/// Reads the signature of a request, from its header or its query.
///
/// # Errors
/// [`AuthError::MissingAuthenticationToken`] if there is none; otherwise what makes it unreadable or implausible.
pub fn parse(parts: &Parts<'_>) -> Result<Claim, AuthError> {
    let header = parts.headers.get(http::header::AUTHORIZATION);
    let presigned = parts.query_value("X-Amz-Algorithm").is_some() || parts.query_value("X-Amz-Signature").is_some();
    let older = version2::is_claimed(parts);
    let claim = match (header, presigned) {
        (Some(_), _) if presigned || older => return Err(AuthError::TwoMechanisms),
        (None, false) if older => return version2::from_query(parts),
        (None, false) => return Err(AuthError::MissingAuthenticationToken),
        (Some(value), _) => from_header(parts, &authorization::text(value))?,
        (None, true) => from_query(parts)?,
    };
    claim.plausible(parts)?;
    Ok(claim)
}

impl Claim {
    /// Whether the scope is for this service's signing name and, where one is given, for this region. The gateway
    /// asks once it knows which service the request is for.
    ///
    /// # Errors
    /// [`AuthError::BadScope`] if not.
    pub fn check_scope(&self, service: &str, region: Option<&str>) -> Result<(), AuthError> {
        if self.scope.service != service {
            let (given, expected) = (self.scope.service.clone(), service.to_owned());
            return Err(AuthError::BadScope(ScopeError::Service { given, expected }));
        }
        match region {
            Some(region) if region != self.scope.region => {
                let (given, expected) = (self.scope.region.clone(), region.to_owned());
                Err(AuthError::BadScope(ScopeError::Region { given, expected }))
            }
            _ => Ok(()),
        }
    }

    fn plausible(&self, parts: &Parts<'_>) -> Result<(), AuthError> {
        if self.scope.terminator != TERMINATOR {
            return Err(AuthError::BadScope(ScopeError::Terminator { given: self.scope.terminator.clone() }));
        }
        if !self.timestamp.starts_with(&self.scope.date) || self.scope.date.len() != 8 {
            let (given, timestamp) = (self.scope.date.clone(), self.timestamp.clone());
            return Err(AuthError::BadScope(ScopeError::Date { given, timestamp }));
        }
        if !self.signs("host") {
            return Err(AuthError::HostNotSigned);
        }
        self.signs_amz_headers(parts)
    }

    fn signs(&self, name: &str) -> bool {
        self.signed_headers.iter().any(|signed| signed == name)
    }

    /// AWS: S3 refuses unsigned `x-amz-` headers (recorded: s3, presigned PUT with metadata); the others ignore them.
    fn signs_amz_headers(&self, parts: &Parts<'_>) -> Result<(), AuthError> {
        // A presigned URL says the hash in its query or not at all, so clients add this header without signing it.
        let exempt = |name: &str| name == "x-amz-content-sha256";
        let unsigned = |name: &&str| name.starts_with("x-amz-") && !exempt(name) && !self.signs(name);
        let names = header_names(parts.headers.keys().map(http::HeaderName::as_str).filter(unsigned));
        if names.is_empty() || !self.scope.is_s3() {
            return Ok(());
        }
        Err(AuthError::HeadersNotSigned { names })
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, scope, signed_headers, kind, payload, date, .. } = self;
        let mut out = f.debug_struct("Claim");
        out.field("access_key_id", access_key_id).field("scope", scope).field("signed_headers", signed_headers);
        out.field("kind", kind).field("payload", payload).field("date", date).finish_non_exhaustive()
    }
}
