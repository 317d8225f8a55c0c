//! The names under which clients reach what is served here by a name of its own.

use std::net::IpAddr;

/// The address of `name` (`{id}.execute-api`), from the one under which the caller reached the platform. Behind an IP
/// address or `localhost` it is a name below `localhost`, which curl, browsers and glibc resolve to the loopback
/// address without any DNS.
#[must_use]
pub fn below(platform: &str, name: &str) -> String {
    let (scheme, authority) = platform.split_once("://").unwrap_or(("http", platform));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, format!(":{port}")),
        _ => (authority, String::new()),
    };
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let host = if is_address { "localhost" } else { host };
    format!("{scheme}://{name}.{host}{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_can_be_reached() {
        for (platform, expected) in [
            ("http://127.0.0.1:4566", "http://a1.execute-api.localhost:4566"),
            ("http://localhost:4566", "http://a1.execute-api.localhost:4566"),
            ("http://[::1]:4566", "http://a1.execute-api.localhost:4566"),
            ("http://[::1]", "http://a1.execute-api.localhost"),
            ("https://localhost.localstack.cloud:4566", "https://a1.execute-api.localhost.localstack.cloud:4566"),
            ("https://updraft.example", "https://a1.execute-api.updraft.example"),
        ] {
            assert_eq!(below(platform, "a1.execute-api"), expected);
        }
    }
}
