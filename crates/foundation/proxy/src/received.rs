//! What events of all formats say about a request.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use updraft_kernel::ports::HttpRequest;
use updraft_kernel::{Ctx, RngExt, UnixMillis};

/// A request on its way to a function.
#[derive(Debug)]
pub struct Received<'a> {
    pub request: &'a HttpRequest,
    pub at: UnixMillis,
    /// Of the platform's own trace, for functions that report one.
    pub trace_id: String,
    /// Whether a request without a body is said to have one of no bytes.
    pub counts_nothing: bool,
}

/// The id of a new trace, `Root=1-{seconds}-{24 hex digits}`.
#[must_use]
pub fn trace_id(cx: &Ctx) -> String {
    format!("Root=1-{:08x}-{}", cx.now().secs(), cx.rng.text("0123456789abcdef", 24))
}

impl Received<'_> {
    /// The name that the request was sent to; `own`, where the id is in the path and the name is another's.
    #[must_use]
    pub fn domain(&self, own: String) -> String {
        let host = split_port(&self.request.host).0;
        let prefix = host.split('.').next().unwrap_or_default();
        if prefix.eq_ignore_ascii_case(&self.request.id) { host.to_owned() } else { own }
    }

    #[must_use]
    pub fn user_agent(&self) -> String {
        self.request.headers.get(header::USER_AGENT).map(text).unwrap_or_default()
    }

    /// As in Apache's logs.
    #[must_use]
    pub fn time(&self) -> String {
        let at = Timestamp::from_millisecond(self.at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
    }

    /// All headers by their lower-case names, with those that the gateway adds.
    #[must_use]
    pub fn headers(&self) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in self.request.headers.iter().filter(|(name, _)| !is_hop_by_hop(name)) {
            all.entry(name.as_str().to_owned()).or_default().push(text(value));
        }
        let forwarded = forwarded_for(&self.request.headers, self.request.source_ip);
        all.insert("x-forwarded-for".to_owned(), vec![forwarded]);
        let port = split_port(&self.request.host).1.unwrap_or("80");
        all.entry("x-forwarded-port".to_owned()).or_insert_with(|| vec![port.to_owned()]);
        all.entry("x-forwarded-proto".to_owned()).or_insert_with(|| vec!["http".to_owned()]);
        all.entry("x-amzn-trace-id".to_owned()).or_insert_with(|| vec![self.trace_id.clone()]);
        if self.counts_nothing || !self.request.body.is_empty() {
            all.insert("content-length".to_owned(), vec![self.request.body.len().to_string()]);
        }
        all
    }

    /// Each name once, with all of its values in their order.
    #[must_use]
    pub fn query(&self) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::<String, Vec<String>>::new();
        for pair in self.request.raw_query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            all.entry(form_decode(name)).or_default().push(form_decode(value));
        }
        all
    }

    /// The body, and whether it is base64.
    #[must_use]
    pub fn body(&self) -> Option<(String, bool)> {
        let body = &self.request.body;
        if body.is_empty() {
            return None;
        }
        match std::str::from_utf8(body) {
            Ok(text) if is_text(&self.request.headers) => Some((text.to_owned(), false)),
            _ => Some((STANDARD.encode(body), true)),
        }
    }
}

/// Headers that are said to the gateway and not to what is behind it.
fn is_hop_by_hop(name: &HeaderName) -> bool {
    [header::CONNECTION, header::TE, header::TRAILER, header::TRANSFER_ENCODING, header::UPGRADE].contains(name)
        || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// A host and its port; `[::1]` has none.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    }
}

/// A header's value; bytes that aren't UTF-8 are read as Latin-1.
#[must_use]
pub fn text(value: &http::HeaderValue) -> String {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|b| char::from(*b)).collect(), str::to_owned)
}

fn form_decode(raw: &str) -> String {
    percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn forwarded_for(headers: &HeaderMap, source: IpAddr) -> String {
    match headers.get("x-forwarded-for").map(text) {
        Some(before) => format!("{before}, {source}"),
        None => source.to_string(),
    }
}

// AWS: what isn't of a type known as text comes as base64, forms (`application/x-www-form-urlencoded`) included.
fn is_text(headers: &HeaderMap) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return false;
    }
    let Some(kind) = headers.get(header::CONTENT_TYPE).map(text) else { return true };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = ["application/json", "application/javascript", "application/xml"];
    kind.starts_with("text/") || known.contains(&kind.as_str()) || kind.ends_with("+json") || kind.ends_with("+xml")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn text_is_told_by_its_type() {
        let is = |kind: &'static str| {
            is_text(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]))
        };
        for kind in ["application/json", "Application/JSON; charset=utf-8", "text/plain", "application/vnd.api+json"] {
            assert!(is(kind), "{kind}");
        }
        for kind in
            ["image/png", "application/x-www-form-urlencoded", "application/octet-stream", "multipart/form-data"]
        {
            assert!(!is(kind), "{kind}");
        }
        let zipped = HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
        assert!(!is_text(&zipped));
    }

    #[test]
    fn headers_of_the_connection_stay_with_it() {
        for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
            assert!(is_hop_by_hop(&HeaderName::from_static(name)), "{name}");
        }
        assert!(!is_hop_by_hop(&header::HOST) && !is_hop_by_hop(&header::CONTENT_LENGTH));
    }

    #[test]
    fn a_port_is_told_from_an_address() {
        assert_eq!(split_port("a.localhost:4566"), ("a.localhost", Some("4566")));
        assert_eq!(split_port("[::1]:4566"), ("[::1]", Some("4566")));
        assert_eq!(split_port("[::1]"), ("[::1]", None));
        assert_eq!(split_port(""), ("", None));
    }

    #[test]
    fn the_sender_is_added_to_those_who_forwarded() {
        let source: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(forwarded_for(&HeaderMap::new(), source), "127.0.0.1");
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("10.0.0.1"));
        assert_eq!(forwarded_for(&headers, source), "10.0.0.1, 127.0.0.1");
    }
}
