//! Signed links to what is in buckets.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use updraft_sigv4::{Claim, Kind};

/// What counts in headers only. AWS: the sums that clients put into links are of no bytes at all, and are passed over;
/// how something is encrypted must have been signed as a header.
const HEADERS_ONLY: &[&str] =
    &["x-amz-checksum-", "x-amz-sdk-checksum-", "x-amz-content-sha256", "x-amz-security-token", "x-amz-server-side-"];

/// AWS: who makes a link puts `x-amz-` headers into its query, where they count as if they came as headers: an object
/// that is put through it has the metadata, the tags and the class that its maker wants. Only once the link is proved.
pub(crate) fn spelled_out(claim: Option<&Claim>, head: &mut http::request::Parts) {
    let is_link = claim.is_some_and(|claim| matches!(claim.kind, Kind::Query { .. } | Kind::Version2 { .. }));
    if !is_link {
        return;
    }
    for (name, value) in said(head.uri.query().unwrap_or_default()) {
        if !head.headers.contains_key(&name) {
            head.headers.insert(name, value);
        }
    }
}

fn said(query: &str) -> Vec<(HeaderName, HeaderValue)> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let ours = |name: &str| name.starts_with("x-amz-") && !HEADERS_ONLY.iter().any(|only| name.starts_with(only));
    let header = |(name, value): (&str, &str)| {
        let name = percent_decode_str(name).decode_utf8().ok().filter(|name| ours(name))?;
        let value: Vec<u8> = percent_decode_str(value).collect();
        Some((name.parse().ok()?, HeaderValue::from_bytes(&value).ok()?))
    };
    pairs.filter_map(header).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_the_query_but_for_those_that_count_as_headers_only() {
        let query = "X-Amz-Date=1&x-amz-meta-a=b%20c&x-amz-tagging=k%3Dv&x-amz-checksum-crc32=AAAAAA%3D%3D&x-id=PutObject\
                     &x-amz-server-side-encryption=AES256&x-amz-meta-bad=%0a&x-amz-acl";
        let found: Vec<_> = said(query).into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        let expected = [("x-amz-meta-a", "b c"), ("x-amz-tagging", "k=v")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), HeaderValue::from_static(value))));
    }
}
