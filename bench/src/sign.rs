//! Signature Version 4, so that requests can be made ready before the clock starts.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// A request to be signed; the region is us-east-1 and the key test/test.
pub(crate) struct Request<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: &'a str,
    /// Without query.
    pub(crate) path: &'a str,
    /// As it is signed: encoded, in the order of the names, each with `=`.
    pub(crate) query: &'a str,
    /// Lower-case names, in any order.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

impl Request<'_> {
    /// The bytes to be written, valid for a quarter of an hour.
    pub(crate) fn signed(&self, host: &str) -> Bytes {
        let head = self.head(host, &hex(&Sha256::digest(self.body)), self.body.len());
        [head.as_ref(), self.body].concat().into()
    }

    /// Without the body, which the signature says nothing of.
    pub(crate) fn signed_head(&self, host: &str, length: usize) -> Bytes {
        self.head(host, "UNSIGNED-PAYLOAD", length)
    }

    fn head(&self, host: &str, digest: &str, length: usize) -> Bytes {
        let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = stamp.split('T').next().unwrap_or_default();
        let mut headers = self.headers.to_vec();
        headers.extend([("host", host), ("x-amz-content-sha256", digest), ("x-amz-date", stamp.as_str())]);
        headers.sort_unstable();
        let authorization = self.authorization(&headers, day, &stamp, digest);
        let question = if self.query.is_empty() { "" } else { "?" };
        let target = format!("{}{question}{}", self.path, self.query);
        let mut out = format!("{} {target} HTTP/1.1\r\ncontent-length: {length}\r\n", self.method);
        headers.push(("authorization", &authorization));
        for (name, value) in headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str("\r\n");
        out.into()
    }

    fn authorization(&self, headers: &[(&str, &str)], day: &str, stamp: &str, digest: &str) -> String {
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("{}\n{}\n{}\n{lines}\n{names}\n{digest}", self.method, self.path, self.query);
        let scope = format!("{day}/us-east-1/{}/aws4_request", self.service);
        let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let parts = [day, "us-east-1", self.service, "aws4_request", text.as_str()];
        let signature = parts.iter().fold(b"AWS4test".to_vec(), |key, part| hmac(&key, part));
        format!("AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders={names}, Signature={}", hex(&signature))
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    // Any length is a legal HMAC key, so there is no failure to speak of.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
