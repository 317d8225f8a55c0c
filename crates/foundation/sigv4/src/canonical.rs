//! The canonical request: what was signed, rebuilt from what arrived.

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// A request's head, undecoded.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    pub method: &'a str,
    /// As on the request line, up to `?`.
    pub raw_path: &'a str,
    /// Without `?`.
    pub raw_query: &'a str,
    /// With `host`, also where HTTP/2 says `:authority`.
    pub headers: &'a HeaderMap,
}

impl Parts<'_> {
    /// The one value of a header, if it is there and text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Names and values of the query, undecoded, in their order.
    pub(crate) fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.raw_query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// The decoded value of a query parameter.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        let value = self.query().find(|(key, _)| decode(key) == name.as_bytes())?.1;
        Some(String::from_utf8_lossy(&decode(value)).into_owned())
    }
}

/// Everything but RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

pub(crate) fn decode(text: &str) -> Cow<'_, [u8]> {
    percent_decode(text.as_bytes()).into()
}

pub(crate) fn encode_query(bytes: &[u8]) -> String {
    percent_encode(bytes, QUERY).to_string()
}

/// The canonical request, as bytes: header values needn't be UTF-8.
pub(crate) fn request(parts: &Parts<'_>, s3: bool, signed_headers: &[String], payload: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let lines = [parts.method.to_owned(), path(parts.raw_path, s3), query(parts)];
    for line in lines {
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
    for name in signed_headers {
        header_line(&mut out, parts.headers, name);
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload.as_bytes());
    out
}

/// S3 encodes the key once and keeps every slash and dot; the others encode the path as sent once more, after
/// removing empty and dot segments.
fn path(raw: &str, s3: bool) -> String {
    let raw = if raw.is_empty() { "/" } else { raw };
    if s3 {
        return percent_encode(&decode(raw), PATH).to_string();
    }
    percent_encode(normalise(raw).as_bytes(), PATH).to_string()
}

fn normalise(raw: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let tail = if kept.is_empty() || !raw.ends_with('/') { "" } else { "/" };
    format!("/{}{tail}", kept.join("/"))
}

/// Sorted after encoding; a presigned URL's own signature isn't part of what it signs.
fn query(parts: &Parts<'_>) -> String {
    let encode = |(name, value): (&str, &str)| (encode_query(&decode(name)), encode_query(&decode(value)));
    let mut pairs: Vec<_> = parts.query().map(encode).filter(|(name, _)| name != "X-Amz-Signature").collect();
    pairs.sort();
    let texts: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    texts.join("&")
}

/// `name:value,value\n`, values trimmed and their inner runs of spaces made one.
fn header_line(out: &mut Vec<u8>, headers: &HeaderMap, name: &str) {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    for (i, value) in headers.get_all(name).iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        collapse(out, value.as_bytes());
    }
    out.push(b'\n');
}

fn collapse(out: &mut Vec<u8>, value: &[u8]) {
    let words = value.split(|b| matches!(b, b' ' | b'\t')).filter(|word| !word.is_empty());
    for (i, word) in words.enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// A request's signed headers in canonical order: lower case, sorted, each once.
pub(crate) fn header_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.map(str::to_ascii_lowercase).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_keeps_the_path_and_the_others_normalise_it() {
        assert_eq!(path("/a//b/../c%3Ad e", true), "/a//b/../c%3Ad%20e");
        assert_eq!(path("/a//b/../c%3Ad", false), "/a/c%253Ad");
        for (raw, canonical) in [("", "/"), ("/", "/"), ("//", "/"), ("/./", "/"), ("/a/", "/a/"), ("/../../a", "/a")] {
            assert_eq!(path(raw, false), canonical, "{raw}");
        }
        assert_eq!(
            path("/2015-03-31/functions/arn%3Aaws%3Alambda/x", false),
            "/2015-03-31/functions/arn%253Aaws%253Alambda/x"
        );
        assert_eq!(path("/ሴ", false), "/%E1%88%B4");
    }

    #[test]
    fn the_query_is_sorted_after_encoding() {
        let headers = HeaderMap::new();
        let of = |raw_query| query(&Parts { method: "GET", raw_path: "/", raw_query, headers: &headers });
        assert_eq!(of("b=2&a=2&a=1&acl"), "a=1&a=2&acl=&b=2");
        assert_eq!(of("x=%7e&x=a%2fb&X-Amz-Signature=00"), "x=a%2Fb&x=~");
        assert_eq!(of("&&x=%zz"), "x=%25zz");
    }

    #[test]
    fn header_values_are_trimmed_and_collapsed() {
        let mut headers = HeaderMap::new();
        headers.append("my-header", "  a   b \t c ".parse().unwrap());
        headers.append("my-header", "d".parse().unwrap());
        let mut out = Vec::new();
        header_line(&mut out, &headers, "my-header");
        header_line(&mut out, &headers, "absent");
        assert_eq!(out, b"my-header:a b c,d\nabsent:\n");
    }
}
