//! Requests to verify, and what they have in common.

use http::{HeaderMap, HeaderName, HeaderValue};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::SecretKey;
use updraft_sigv4::{AuthError, Body, Parts, Signer, Verified, parse, parse_timestamp};

pub(crate) fn at(text: &str) -> UnixMillis {
    parse_timestamp(text).unwrap()
}

/// The key of AWS's published examples.
pub(crate) fn signer(service: &str) -> Signer {
    Signer {
        access_key_id: "AKIDEXAMPLE".into(),
        secret: SecretKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into()),
        token: None,
        region: "us-east-1".into(),
        service: service.into(),
    }
}

/// A request that can be changed part by part.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str, query: &str, headers: &[(&str, &str)]) -> Self {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Self { method: method.into(), path: path.into(), query: query.into(), headers: map, body: Vec::new() }
    }

    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts { method: &self.method, raw_path: &self.path, raw_query: &self.query, headers: &self.headers }
    }

    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(name, value.parse().unwrap());
    }

    pub(crate) fn verify(&self, secret: &SecretKey, now: &str) -> Result<Verified, AuthError> {
        parse(&self.parts())?.verify(secret, &self.parts(), Body::Bytes(&self.body), at(now))
    }
}
