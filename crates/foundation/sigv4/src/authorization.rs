//! Signatures in the `Authorization` header.

use http::HeaderValue;
use updraft_kernel::UnixMillis;

use crate::canonical::{Parts, header_names};
use crate::claim::{Claim, Kind};
use crate::error::{AuthError, Place};
use crate::payload::PayloadMode;
use crate::scope::{Scope, parse_credential};
use crate::time::{format_timestamp, parse_http_date, parse_timestamp};
use crate::{ALGORITHM, ALGORITHM_V4A};

pub(crate) fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

pub(crate) fn from_header(parts: &Parts<'_>, authorization: &str) -> Result<Claim, AuthError> {
    let fields = Fields::parse(authorization)?;
    let (access_key_id, scope) = fields.credential()?;
    let (timestamp, date) = when(parts, authorization)?;
    let payload = payload(parts, &scope)?;
    Ok(Claim {
        access_key_id,
        scope,
        token: parts.header("x-amz-security-token").map(str::to_owned),
        signed_headers: header_names(fields.signed_headers.split(';')),
        kind: Kind::Header,
        payload,
        date,
        timestamp,
        signature: fields.signature.to_owned(),
    })
}

/// The three fields behind the algorithm.
struct Fields<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Fields<'a> {
    fn parse(authorization: &'a str) -> Result<Self, AuthError> {
        let rest = after_algorithm(authorization)?;
        let mut pairs = Vec::new();
        for field in rest.split(',').map(str::trim).filter(|field| !field.is_empty()) {
            let malformed = || AuthError::MalformedHeader { authorization: authorization.to_owned() };
            pairs.push(field.split_once('=').ok_or_else(malformed)?);
        }
        let find = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let found = |name: &str| find(name).filter(|value| !value.is_empty());
        let missing: Vec<_> =
            ["Credential", "Signature", "SignedHeaders"].into_iter().filter(|name| found(name).is_none()).collect();
        match (found("Credential"), found("SignedHeaders"), found("Signature")) {
            (Some(credential), Some(signed_headers), Some(signature)) => {
                Ok(Self { credential, signed_headers, signature })
            }
            _ => Err(AuthError::IncompleteHeader { missing, authorization: authorization.to_owned() }),
        }
    }

    fn credential(&self) -> Result<(String, Scope), AuthError> {
        let malformed =
            || AuthError::MalformedCredential { credential: self.credential.to_owned(), place: Place::Header };
        parse_credential(self.credential).ok_or_else(malformed)
    }
}

fn after_algorithm(authorization: &str) -> Result<&str, AuthError> {
    let (algorithm, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
    match algorithm {
        ALGORITHM => Ok(rest),
        ALGORITHM_V4A => Err(AuthError::SigV4a),
        other if other.starts_with("AWS4-") => {
            Err(AuthError::UnknownAlgorithm { algorithm: other.to_owned(), place: Place::Header })
        }
        _ => Err(AuthError::UnsupportedAuthorization(authorization.to_owned())),
    }
}

/// `X-Amz-Date`, or else `Date` in either of the forms clients send.
fn when(parts: &Parts<'_>, authorization: &str) -> Result<(String, UnixMillis), AuthError> {
    let text = parts.header("x-amz-date").or_else(|| parts.header("date"));
    let text = text.ok_or_else(|| AuthError::MissingDate { authorization: authorization.to_owned() })?;
    if let Some(at) = parse_timestamp(text) {
        return Ok((text.to_owned(), at));
    }
    let invalid = || AuthError::InvalidDate { text: text.to_owned(), place: Place::Header };
    let at = parse_http_date(text).ok_or_else(invalid)?;
    Ok((format_timestamp(at), at))
}

fn payload(parts: &Parts<'_>, scope: &Scope) -> Result<PayloadMode, AuthError> {
    match parts.header("x-amz-content-sha256") {
        Some(text) if scope.is_s3() => PayloadMode::parse(text),
        None if scope.is_s3() => Err(AuthError::MissingPayloadHash),
        // The others always sign the body they were sent, whatever this header says.
        _ => Ok(PayloadMode::Undeclared),
    }
}
