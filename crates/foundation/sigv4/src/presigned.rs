//! Signatures in the query: presigned URLs.

use std::time::Duration;

use crate::canonical::{Parts, header_names};
use crate::claim::{Claim, Kind};
use crate::error::{AuthError, ExpiresError, Place};
use crate::payload::PayloadMode;
use crate::scope::{Scope, parse_credential};
use crate::time::parse_timestamp;
use crate::{ALGORITHM, ALGORITHM_V4A, MAX_EXPIRES_SECS};

pub(crate) fn from_query(parts: &Parts<'_>) -> Result<Claim, AuthError> {
    let fields = Fields::read(parts)?;
    algorithm(&fields.algorithm)?;
    let malformed = || AuthError::MalformedCredential { credential: fields.credential.clone(), place: Place::Query };
    let (access_key_id, scope) = parse_credential(&fields.credential).ok_or_else(malformed)?;
    let invalid = || AuthError::InvalidDate { text: fields.date.clone(), place: Place::Query };
    let date = parse_timestamp(&fields.date).ok_or_else(invalid)?;
    Ok(Claim {
        access_key_id,
        payload: payload(parts, &scope)?,
        kind: Kind::Query { expires: expires(parts, &scope)? },
        scope,
        token: parts.query_value("X-Amz-Security-Token"),
        signed_headers: header_names(fields.signed_headers.split(';')),
        date,
        timestamp: fields.date,
        signature: fields.signature,
    })
}

struct Fields {
    algorithm: String,
    credential: String,
    date: String,
    signed_headers: String,
    signature: String,
}

impl Fields {
    fn read(parts: &Parts<'_>) -> Result<Self, AuthError> {
        let mut missing = Vec::new();
        let mut take = |name: &'static str| {
            let value = parts.query_value(name).filter(|value| !value.is_empty());
            value.unwrap_or_else(|| {
                missing.push(name);
                String::new()
            })
        };
        let fields = Self {
            algorithm: take("X-Amz-Algorithm"),
            credential: take("X-Amz-Credential"),
            signature: take("X-Amz-Signature"),
            signed_headers: take("X-Amz-SignedHeaders"),
            date: take("X-Amz-Date"),
        };
        if missing.is_empty() { Ok(fields) } else { Err(AuthError::IncompleteQuery { missing }) }
    }
}

fn algorithm(name: &str) -> Result<(), AuthError> {
    match name {
        ALGORITHM => Ok(()),
        ALGORITHM_V4A => Err(AuthError::SigV4a),
        other => Err(AuthError::UnknownAlgorithm { algorithm: other.to_owned(), place: Place::Query }),
    }
}

/// AWS: S3 insists on `X-Amz-Expires`; elsewhere it may be absent, and the usual skew is how long the URL lives.
fn expires(parts: &Parts<'_>, scope: &Scope) -> Result<Duration, AuthError> {
    let Some(text) = parts.query_value("X-Amz-Expires") else {
        if scope.is_s3() {
            return Err(AuthError::IncompleteQuery { missing: vec!["X-Amz-Expires"] });
        }
        return Ok(crate::MAX_SKEW);
    };
    let number: i128 = text.parse().map_err(|_| AuthError::InvalidExpires(ExpiresError::NotANumber))?;
    let seconds = u64::try_from(number).map_err(|_| {
        AuthError::InvalidExpires(if number < 0 { ExpiresError::Negative } else { ExpiresError::TooLong })
    })?;
    if seconds > MAX_EXPIRES_SECS {
        return Err(AuthError::InvalidExpires(ExpiresError::TooLong));
    }
    Ok(Duration::from_secs(seconds))
}

fn payload(parts: &Parts<'_>, scope: &Scope) -> Result<PayloadMode, AuthError> {
    if !scope.is_s3() {
        return Ok(PayloadMode::Undeclared);
    }
    let header = parts.header("x-amz-content-sha256").map(str::to_owned);
    let declared = parts.query_value("X-Amz-Content-Sha256").or(header);
    declared.map_or(Ok(PayloadMode::Unsigned), |text| PayloadMode::parse(&text))
}
