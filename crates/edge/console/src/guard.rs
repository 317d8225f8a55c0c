//! Against pages of other sites that a browser shows beside this one.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::ORIGIN;
use updraft_kernel::ports::http::without_port;

/// Whether a host is this machine by whatever name server is asked: another name may have been pointed at this machine
/// by a stranger whose page would then read ours.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let name = without_port(host).to_ascii_lowercase();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Whether a request that changes something was sent by one of our own pages.
pub(crate) fn is_own(headers: &HeaderMap, host: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text(ORIGIN.as_str()).and_then(|origin| origin.split_once("://")).is_some_and(|(_, from)| from == host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_else_can_give_are_this_machine() {
        for host in ["localhost", "localhost:4566", "127.0.0.1:80", "127.9.9.9", "[::1]:4566", "Up.Localhost:1"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in
            ["", "example.com", "localhost.example.com:4566", "127.0.0.1.example.com", "10.0.0.1", "notlocalhost"]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn changes_come_from_our_own_pages() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
        };
        let host = "localhost:4566";
        assert!(is_own(&headers(&[("sec-fetch-site", "same-origin")]), host));
        assert!(is_own(&headers(&[("origin", "http://localhost:4566")]), host));
        for wrong in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "http://localhost:4566")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://localhost:4567")],
            &[("origin", "null")],
            &[],
        ] {
            assert!(!is_own(&headers(wrong), host), "{wrong:?}");
        }
    }
}
