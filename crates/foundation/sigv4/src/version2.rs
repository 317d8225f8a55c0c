//! Signature Version 2 in the query. Only S3 still takes it, and AWS's own clients still make it: boto3 and the AWS CLI
//! sign links so in us-east-1 unless they are told otherwise.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::SecretKey;

use crate::canonical::{Parts, decode};
use crate::claim::{Claim, Kind};
use crate::error::{AuthError, Mismatch};
use crate::payload::PayloadMode;
use crate::scope::Scope;

const KEY_ID: &str = "AWSAccessKeyId";
const SIGNATURE: &str = "Signature";
const EXPIRES: &str = "Expires";

/// Parameters of the query that say what is asked for, and so are signed.
const SIGNED: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Whether the query has such a signature. Those of the query services name an action.
pub(crate) fn is_claimed(parts: &Parts<'_>) -> bool {
    let other = ["Action", "SignatureVersion"].iter().any(|name| parts.query_value(name).is_some());
    !other && parts.query_value(KEY_ID).is_some()
}

pub(crate) fn from_query(parts: &Parts<'_>) -> Result<Claim, AuthError> {
    let mut missing = Vec::new();
    let mut take = |name: &'static str| {
        parts.query_value(name).filter(|value| !value.is_empty()).unwrap_or_else(|| {
            missing.push(name);
            String::new()
        })
    };
    let (access_key_id, signature, text) = (take(KEY_ID), take(SIGNATURE), take(EXPIRES));
    if !missing.is_empty() {
        return Err(AuthError::IncompleteVersion2 { missing });
    }
    let seconds: i64 = text.parse().map_err(|_| AuthError::InvalidExpiry { text: text.clone() })?;
    let until = UnixMillis(seconds.saturating_mul(1_000));
    Ok(Claim {
        access_key_id,
        // It isn't bound to a day or a region.
        scope: Scope::new("", "", "s3"),
        token: header_or_query(parts, "x-amz-security-token"),
        signed_headers: Vec::new(),
        kind: Kind::Version2 { until },
        payload: PayloadMode::Unsigned,
        date: until,
        timestamp: text,
        signature,
    })
}

fn header_or_query(parts: &Parts<'_>, name: &str) -> Option<String> {
    parts.header(name).map(str::to_owned).or_else(|| parts.query_value(name))
}

/// The signature of a text, as forms and links carry it.
#[must_use]
pub fn sign_version2(secret: &SecretKey, text: &[u8]) -> String {
    STANDARD.encode(mac(secret, text).finalize().into_bytes())
}

/// Whether it is the signature of that text.
#[must_use]
pub fn matches_version2(secret: &SecretKey, text: &[u8], signature: &str) -> bool {
    let given = STANDARD.decode(signature).unwrap_or_default();
    mac(secret, text).verify_slice(&given).is_ok()
}

fn mac(secret: &SecretKey, text: &[u8]) -> Hmac<Sha1> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.0.as_bytes()).expect("any length will do");
    mac.update(text);
    mac
}

impl Claim {
    /// Whether it is in the older manner, to be proved with [`Claim::verify_version2`].
    #[must_use]
    pub fn is_version2(&self) -> bool {
        matches!(self.kind, Kind::Version2 { .. })
    }

    /// Proves a claim in the older manner. The path of `parts` has the bucket in front, also where the host names it.
    ///
    /// # Errors
    /// Time first, then the signature.
    pub fn verify_version2(&self, secret: &SecretKey, parts: &Parts<'_>, now: UnixMillis) -> Result<(), AuthError> {
        if let Kind::Version2 { until } = self.kind
            && now > until
        {
            return Err(AuthError::Expired { lifetime: None, at: until, now });
        }
        let text = string_to_sign(parts, &self.timestamp);
        if matches_version2(secret, text.as_bytes(), &self.signature) {
            return Ok(());
        }
        Err(AuthError::SignatureDoesNotMatch(Box::new(Mismatch {
            access_key_id: self.access_key_id.clone(),
            canonical_request: None,
            string_to_sign: text,
            provided: self.signature.clone(),
        })))
    }
}

fn string_to_sign(parts: &Parts<'_>, expires: &str) -> String {
    let header = |name| parts.header(name).unwrap_or_default().trim();
    let mut text = format!("{}\n{}\n{}\n{expires}\n", parts.method, header("content-md5"), header("content-type"));
    for (name, value) in amz(parts) {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text.push_str(if parts.raw_path.is_empty() { "/" } else { parts.raw_path });
    let asked = asked(parts);
    if !asked.is_empty() {
        text.push('?');
        text.push_str(&asked.join("&"));
    }
    text
}

/// The headers of AWS's own. AWS: they may stand in the query instead, where those who sign put them.
fn amz(parts: &Parts<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, value) in parts.query() {
        let name = String::from_utf8_lossy(&decode(name)).to_ascii_lowercase();
        if name.starts_with("x-amz-") {
            all.insert(name, String::from_utf8_lossy(&decode(value)).trim().to_owned());
        }
    }
    for name in parts.headers.keys().filter(|name| name.as_str().starts_with("x-amz-")) {
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let values: Vec<_> = values.map(|value| value.trim().to_owned()).collect();
        all.insert(name.as_str().to_owned(), values.join(","));
    }
    all
}

/// Sorted; values are decoded.
fn asked(parts: &Parts<'_>) -> Vec<String> {
    let of_interest = |(name, _): &(&str, &str)| SIGNED.contains(name);
    let mut pairs: Vec<_> = parts.query().filter(of_interest).collect();
    pairs.sort_by_key(|(name, _)| *name);
    let text = |(name, value): (&str, &str)| match value {
        "" => name.to_owned(),
        value => format!("{name}={}", String::from_utf8_lossy(&decode(value))),
    };
    pairs.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    const QUERY: &str =
        "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D";
    const PATH: &str = "/johnsmith/photos/puppy.jpg";

    fn secret() -> SecretKey {
        SecretKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into())
    }

    fn verified(method: &str, query: &str, headers: &HeaderMap, now: i64) -> Result<(), AuthError> {
        let parts = Parts { method, raw_path: PATH, raw_query: query, headers };
        let claim = crate::parse(&parts)?;
        assert!(claim.is_version2() && claim.check_scope("s3", None).is_ok());
        claim.verify_version2(&secret(), &parts, UnixMillis(now * 1_000))
    }

    /// The one that AWS's documentation of signed links shows.
    #[test]
    fn the_documented_link_is_taken_until_it_expires() {
        let none = HeaderMap::new();
        assert_eq!(verified("GET", QUERY, &none, 1_175_139_620), Ok(()));
        let late = verified("GET", QUERY, &none, 1_175_139_621);
        assert!(matches!(late, Err(AuthError::Expired { lifetime: None, .. })), "{late:?}");
        let other = verified("PUT", QUERY, &none, 1_175_139_620);
        assert!(matches!(other, Err(AuthError::SignatureDoesNotMatch(_))), "{other:?}");
    }

    #[test]
    fn what_is_asked_for_and_amazons_headers_are_signed() {
        let mut headers = HeaderMap::new();
        headers.append("x-amz-meta-b", "1 ".parse().unwrap());
        headers.append("x-amz-meta-b", "2".parse().unwrap());
        headers.insert("content-type", "text/plain".parse().unwrap());
        let raw_query = "versionId=3&acl&x-amz-meta-a=a%20b&prefix=p&response-expires=a%2Fb";
        let parts = Parts { method: "GET", raw_path: "/b/k%20", raw_query, headers: &headers };
        let text =
            "GET\n\ntext/plain\n7\nx-amz-meta-a:a b\nx-amz-meta-b:1,2\n/b/k%20?acl&response-expires=a/b&versionId=3";
        assert_eq!(string_to_sign(&parts, "7"), text);
    }

    #[test]
    fn what_is_half_said_is_refused() {
        let none = HeaderMap::new();
        let half = verified("GET", "AWSAccessKeyId=AKID&Signature=x", &none, 0);
        assert_eq!(half, Err(AuthError::IncompleteVersion2 { missing: vec!["Expires"] }));
        let when = verified("GET", "AWSAccessKeyId=AKID&Signature=x&Expires=soon", &none, 0);
        assert_eq!(when, Err(AuthError::InvalidExpiry { text: "soon".into() }));
    }
}
