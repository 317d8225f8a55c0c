//! Cross-origin requests: the parts of answering them that don't depend on who answers.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// Whether a browser asks what it may send.
#[must_use]
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Takes out of a response whatever its function says of this: a configuration goes before it.
pub fn forget(response: &mut HeaderMap) {
    let told = |name: &&HeaderName| name.as_str().starts_with("access-control-");
    for name in response.keys().filter(told).cloned().collect::<Vec<_>>() {
        response.remove(name);
    }
}

/// Names in one header, if there are any.
pub fn put_list(out: &mut HeaderMap, name: HeaderName, list: Option<&Vec<String>>) {
    let joined = list.filter(|list| !list.is_empty()).map(|list| list.join(","));
    if let Some(value) = joined.and_then(|joined| HeaderValue::try_from(joined).ok()) {
        out.insert(name, value);
    }
}
