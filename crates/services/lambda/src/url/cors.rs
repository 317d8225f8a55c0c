//! Cross-origin requests, which a URL answers by itself where it is configured for them.

use http::{HeaderMap, HeaderValue, header};
use updraft_proxy::cors::{forget, put_list};

use crate::model::url::Cors;

impl Cors {
    /// The headers of the answer to a preflight; only that it depends on the origin, if that isn't allowed.
    pub(super) fn preflight(&self, request: &HeaderMap) -> HeaderMap {
        let mut out = HeaderMap::new();
        if self.welcome(request, &mut out) {
            put_list(&mut out, header::ACCESS_CONTROL_ALLOW_METHODS, self.methods.as_ref());
            put_list(&mut out, header::ACCESS_CONTROL_ALLOW_HEADERS, self.headers.as_ref());
            if let Some(max_age) = self.max_age {
                out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(max_age));
            }
        }
        out
    }

    /// Makes a response what a browser of the request's origin may read. The configuration goes before what the
    /// function says.
    pub(super) fn apply(&self, request: &HeaderMap, response: &mut HeaderMap) {
        forget(response);
        self.welcome(request, response);
    }

    /// Whether the request's origin is allowed; it is told so then.
    fn welcome(&self, request: &HeaderMap, out: &mut HeaderMap) -> bool {
        out.append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = request.get(header::ORIGIN).filter(|origin| self.allows(origin)) else { return false };
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.credentials == Some(true) {
            out.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        put_list(out, header::ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.as_ref());
        true
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let allowed = self.origins.iter().flatten();
        origin
            .to_str()
            .is_ok_and(|origin| allowed.into_iter().any(|one| one == "*" || one.eq_ignore_ascii_case(origin)))
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use updraft_proxy::cors::is_preflight;

    use super::*;

    fn request(origin: &'static str) -> HeaderMap {
        HeaderMap::from_iter([
            (header::ORIGIN, HeaderValue::from_static(origin)),
            (header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST")),
        ])
    }

    fn cors(origins: &[&str]) -> Cors {
        Cors {
            credentials: Some(true),
            headers: Some(vec!["content-type".into(), "x-a".into()]),
            methods: Some(vec!["GET".into(), "POST".into()]),
            origins: Some(origins.iter().map(|origin| (*origin).to_owned()).collect()),
            exposed: Some(vec!["x-total".into()]),
            max_age: Some(300),
        }
    }

    #[test]
    fn a_preflight_is_told_what_is_allowed() {
        assert!(is_preflight(&Method::OPTIONS, &request("https://a.example")));
        assert!(!is_preflight(&Method::GET, &request("https://a.example")));
        assert!(!is_preflight(&Method::OPTIONS, &HeaderMap::new()));
        let out = cors(&["https://a.example"]).preflight(&request("https://a.example"));
        assert_eq!(out["access-control-allow-origin"], "https://a.example");
        assert_eq!(out["access-control-allow-methods"], "GET,POST");
        assert_eq!(out["access-control-allow-headers"], "content-type,x-a");
        assert_eq!(out["access-control-allow-credentials"], "true");
        assert_eq!(out["access-control-expose-headers"], "x-total");
        assert_eq!(out["access-control-max-age"], "300");
        assert_eq!(out["vary"], "Origin");
        let other = cors(&["https://a.example"]).preflight(&request("https://b.example"));
        assert!(!other.contains_key("access-control-allow-origin"), "{other:?}");
    }

    #[test]
    fn anybody_may_be_allowed() {
        let out = cors(&["*"]).preflight(&request("https://b.example"));
        assert_eq!(out["access-control-allow-origin"], "https://b.example");
        assert!(Cors::default().preflight(&request("https://b.example")).get("access-control-allow-origin").is_none());
    }

    #[test]
    fn the_functions_own_headers_give_way() {
        let mut response = HeaderMap::new();
        response.insert("access-control-allow-origin", HeaderValue::from_static("https://mine.example"));
        response.insert("x-total", HeaderValue::from_static("1"));
        cors(&["https://a.example"]).apply(&request("https://b.example"), &mut response);
        assert!(!response.contains_key("access-control-allow-origin") && response.contains_key("x-total"));
        cors(&["https://a.example"]).apply(&request("https://a.example"), &mut response);
        assert_eq!(response["access-control-allow-origin"], "https://a.example");
    }
}
