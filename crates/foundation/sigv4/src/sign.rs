//! The client's side: signing a request, for the house's own command line and tests.

use std::time::Duration;

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::SecretKey;

use crate::ALGORITHM;
use crate::canonical::{self, Parts, encode_query, header_names};
use crate::hex::{sha256, to_hex};
use crate::key::SigningKey;
use crate::scope::Scope;
use crate::time::format_timestamp;
use crate::verify::string_to_sign;

/// Whose signature, and for where.
#[derive(Clone, Debug)]
pub struct Signer {
    pub access_key_id: String,
    pub secret: SecretKey,
    pub token: Option<String>,
    pub region: String,
    /// The signing name.
    pub service: String,
}

/// A request to be signed. Its headers have `host`; those that signing adds are answered, not written.
#[derive(Clone, Copy, Debug)]
pub struct SigningInput<'a> {
    pub parts: Parts<'a>,
    pub body: &'a [u8],
    /// Real time.
    pub at: UnixMillis,
}

impl Signer {
    fn scope(&self, timestamp: &str) -> Scope {
        Scope::new(timestamp.get(..8).unwrap_or_default(), &self.region, &self.service)
    }

    fn signature(&self, timestamp: &str, request: &[u8]) -> String {
        let scope = self.scope(timestamp);
        SigningKey::derive(&self.secret, &scope).sign(&string_to_sign(timestamp, &scope.text(), request))
    }
}

/// The headers to add, `authorization` among them: names in lower case. All headers of the input are signed.
#[must_use]
pub fn sign(signer: &Signer, input: SigningInput<'_>) -> Vec<(&'static str, String)> {
    let timestamp = format_timestamp(input.at);
    let scope = signer.scope(&timestamp);
    let payload = to_hex(&sha256(input.body));
    let mut added = vec![("x-amz-date", timestamp.clone())];
    added.extend(scope.is_s3().then(|| ("x-amz-content-sha256", payload.clone())));
    added.extend(signer.token.clone().map(|token| ("x-amz-security-token", token)));
    let mut headers = input.parts.headers.clone();
    for (name, value) in &added {
        // A token or hash that is no header text can't be signed; the request then fails where it is sent.
        if let Ok(value) = value.parse() {
            headers.insert(*name, value);
        }
    }
    let names = header_names(headers.keys().map(http::HeaderName::as_str));
    let parts = Parts { headers: &headers, ..input.parts };
    let signature = signer.signature(&timestamp, &canonical::request(&parts, scope.is_s3(), &names, &payload));
    let credential = format!("{}/{}", signer.access_key_id, scope.text());
    let signed = names.join(";");
    added.push((
        "authorization",
        format!("{ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}"),
    ));
    added
}

/// The whole query of a presigned URL, the input's own parameters first. Only `host` is signed.
#[must_use]
pub fn presign(signer: &Signer, input: SigningInput<'_>, expires: Duration) -> String {
    let timestamp = format_timestamp(input.at);
    let scope = signer.scope(&timestamp);
    let credential = format!("{}/{}", signer.access_key_id, scope.text());
    let seconds = expires.as_secs().to_string();
    let mut added = vec![("X-Amz-Algorithm", ALGORITHM), ("X-Amz-Credential", &credential), ("X-Amz-Date", &timestamp)];
    added.extend([("X-Amz-Expires", seconds.as_str()), ("X-Amz-SignedHeaders", "host")]);
    added.extend(signer.token.as_deref().map(|token| ("X-Amz-Security-Token", token)));
    let mut query = input.parts.raw_query.to_owned();
    for (name, value) in added {
        push(&mut query, name, value);
    }
    let payload = if scope.is_s3() { "UNSIGNED-PAYLOAD".to_owned() } else { to_hex(&sha256(input.body)) };
    let parts = Parts { raw_query: &query, ..input.parts };
    let request = canonical::request(&parts, scope.is_s3(), &["host".to_owned()], &payload);
    let signature = signer.signature(&timestamp, &request);
    push(&mut query, "X-Amz-Signature", &signature);
    query
}

fn push(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(&encode_query(value.as_bytes()));
}
