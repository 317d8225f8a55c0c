//! Cross-origin requests, which the gateway answers by itself where an API is configured for them.

use http::{HeaderMap, HeaderValue, header};
use updraft_kernel::AwsError;
use updraft_proxy::cors::{forget, put_list};

use crate::errors::bad_request;
use crate::model::CorsRow;

impl CorsRow {
    /// # Errors
    /// If it is one that browsers wouldn't take.
    pub(crate) fn checked(self) -> Result<Self, AwsError> {
        let open = self.allow_origins.iter().flatten().any(|origin| origin == "*");
        if open && self.allow_credentials == Some(true) {
            return Err(bad_request("allow-credentials is not supported if 'allow-origin' is *"));
        }
        Ok(self)
    }

    /// The headers of the answer to a preflight. None, if the origin isn't allowed.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> HeaderMap {
        let mut out = HeaderMap::new();
        let Some(origin) = self.origin(request) else { return out };
        self.put_origin(&mut out, origin);
        put_list(&mut out, header::ACCESS_CONTROL_ALLOW_METHODS, self.allow_methods.as_ref());
        put_list(&mut out, header::ACCESS_CONTROL_ALLOW_HEADERS, self.allow_headers.as_ref());
        put_list(&mut out, header::ACCESS_CONTROL_EXPOSE_HEADERS, self.expose_headers.as_ref());
        if let Some(max_age) = self.max_age {
            out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(max_age));
        }
        out
    }

    /// Makes `response` what a browser of the request's origin may read.
    // AWS: CORS headers that the integration answers are ignored once the API has a configuration.
    pub(crate) fn apply(&self, request: &HeaderMap, response: &mut HeaderMap) {
        forget(response);
        let Some(origin) = self.origin(request) else { return };
        self.put_origin(response, origin);
        put_list(response, header::ACCESS_CONTROL_EXPOSE_HEADERS, self.expose_headers.as_ref());
    }

    fn put_origin(&self, out: &mut HeaderMap, origin: HeaderValue) {
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.allow_credentials == Some(true) {
            out.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }

    /// What the request's origin is told: itself, or that anybody may.
    fn origin(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(header::ORIGIN)?;
        let text = origin.to_str().ok()?;
        let allowed = self.allow_origins.as_ref()?;
        if allowed.iter().any(|one| one == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        allowed.iter().any(|one| matches(one, text)).then(|| origin.clone())
    }
}

/// An origin, or one with `*` at its end such as `https://*`.
fn matches(allowed: &str, origin: &str) -> bool {
    match allowed.strip_suffix('*') {
        Some(prefix) => origin.starts_with(prefix),
        None => allowed.eq_ignore_ascii_case(origin),
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

    fn cors(origins: &[&str]) -> CorsRow {
        CorsRow {
            allow_origins: Some(origins.iter().map(|o| (*o).to_owned()).collect()),
            allow_methods: Some(vec!["GET".into(), "POST".into()]),
            expose_headers: Some(vec!["x-total".into()]),
            allow_credentials: Some(true),
            max_age: Some(300),
            ..CorsRow::default()
        }
    }

    #[test]
    fn a_preflight_is_told_what_is_allowed() {
        assert!(is_preflight(&Method::OPTIONS, &request("https://a.example")));
        assert!(!is_preflight(&Method::OPTIONS, &HeaderMap::new()));
        assert!(!is_preflight(&Method::GET, &request("https://a.example")));
        let out = cors(&["https://a.example"]).preflight(&request("https://a.example"));
        assert_eq!(out["access-control-allow-origin"], "https://a.example");
        assert_eq!(out["access-control-allow-methods"], "GET,POST");
        assert_eq!(out["access-control-allow-credentials"], "true");
        assert_eq!(out["access-control-max-age"], "300");
        assert!(cors(&["https://a.example"]).preflight(&request("https://b.example")).is_empty());
    }

    #[test]
    fn credentials_are_not_for_everybody() {
        let refused = cors(&["https://a.example", "*"]).checked().unwrap_err();
        assert_eq!(refused.message(), "allow-credentials is not supported if 'allow-origin' is *");
        assert!(cors(&["https://a.example"]).checked().is_ok());
        assert!(CorsRow { allow_credentials: None, ..cors(&["*"]) }.checked().is_ok());
    }

    #[test]
    fn origins_may_be_open() {
        let told = |allowed, origin| cors(&[allowed]).preflight(&request(origin)).remove("access-control-allow-origin");
        assert_eq!(told("*", "https://b.example").unwrap(), "*");
        assert_eq!(told("https://*", "https://b.example").unwrap(), "https://b.example");
        assert_eq!(told("https://*", "http://b.example"), None);
    }

    #[test]
    fn the_integrations_own_headers_give_way() {
        let mut response = HeaderMap::new();
        response.insert("access-control-allow-origin", HeaderValue::from_static("https://mine.example"));
        response.insert("x-total", HeaderValue::from_static("1"));
        cors(&["https://a.example"]).apply(&request("https://b.example"), &mut response);
        assert_eq!(response.len(), 1, "{response:?}");
        cors(&["https://a.example"]).apply(&request("https://a.example"), &mut response);
        assert_eq!(response["access-control-allow-origin"], "https://a.example");
        assert_eq!(response["access-control-expose-headers"], "x-total");
    }
}
