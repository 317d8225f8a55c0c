//! Responses, and what every one of them tells the browser.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use maud::Markup;
use updraft_kernel::ports::{HttpBody, HttpResponse};

/// Nothing but what comes from here, no scripts or styles within a page, and no page in another's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) const HTML: &str = "text/html; charset=utf-8";

pub(crate) fn page(status: u16, markup: Markup) -> HttpResponse {
    of(status, HTML, markup.into_string())
}

/// Of any kind; not to be kept.
pub(crate) fn of(status: u16, kind: &'static str, body: impl Into<HttpBody>) -> HttpResponse {
    let mut headers = guarded();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    HttpResponse { status, headers, body: body.into() }
}

/// After something was done, the page that shows it.
pub(crate) fn see(location: &str) -> HttpResponse {
    let mut answer = of(303, HTML, Bytes::new());
    if let Ok(location) = HeaderValue::from_str(location) {
        answer.headers.insert(LOCATION, location);
    }
    answer
}

/// The headers that all have.
pub(crate) fn guarded() -> HeaderMap {
    let said: [(HeaderName, &'static str); 5] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    said.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}
