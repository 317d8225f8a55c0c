//! The pages that AWS has for what went wrong, and headers.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use updraft_kernel::ports::HttpResponse;
use updraft_kernel::{AwsError, Ctx};

/// Sets a header, unless no header can hold the value.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
    {
        headers.insert(name, value);
    }
}

/// What all answers have.
pub(super) fn headers(cx: &Ctx) -> HeaderMap {
    let mut headers = HeaderMap::new();
    set(&mut headers, "x-amz-request-id", cx.request_id.as_str());
    set(&mut headers, "x-amz-id-2", cx.request_id.as_str());
    headers
}

/// What answers say of an error beside their body.
pub(super) fn told(headers: &mut HeaderMap, error: &AwsError) {
    set(headers, "x-amz-error-code", error.code().name);
    set(headers, "x-amz-error-message", error.message());
    for (name, value) in error.members() {
        set(headers, &format!("x-amz-error-detail-{name}"), value.as_str().unwrap_or_default());
    }
    for (name, value) in error.headers() {
        set(headers, name, value);
    }
}

/// The page of an error. `second`: why the site's own page isn't there.
pub(super) fn error(cx: &Ctx, error: &AwsError, second: Option<&AwsError>) -> HttpResponse {
    let status = error.code().status;
    let mut headers = headers(cx);
    told(&mut headers, error);
    if status == 304 {
        return HttpResponse { status, headers, body: bytes::Bytes::new().into() };
    }
    set(&mut headers, "content-type", "text/html; charset=utf-8");
    let mut lines = lines(error);
    let id = cx.request_id.as_str();
    lines.extend([("RequestId", id.to_owned()), ("HostId", id.to_owned())]);
    let mut body = list(&lines);
    if let Some(second) = second {
        body.push_str("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n");
        body.push_str(&list(&self::lines(second)));
    }
    HttpResponse { status, headers, body: page(status, &body).into() }
}

fn page(status: u16, body: &str) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    format!(
        "<html>\n<head><title>{status} {reason}</title></head>\n<body>\n<h1>{status} {reason}</h1>\n{body}<hr/>\n</body>\n</html>\n"
    )
}

fn lines(error: &AwsError) -> Vec<(&'static str, String)> {
    let mut lines = vec![("Code", error.code().name.to_owned()), ("Message", error.message().to_owned())];
    lines.extend(error.members().iter().map(|(name, value)| (*name, value.as_str().unwrap_or_default().to_owned())));
    lines
}

fn list(lines: &[(&str, String)]) -> String {
    let items: String = lines.iter().map(|(name, value)| format!("<li>{name}: {}</li>\n", escaped(value))).collect();
    format!("<ul>\n{items}</ul>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_text_and_no_markup() {
        let items = list(&[("Key", "<script>&\"".to_owned())]);
        assert_eq!(items, "<ul>\n<li>Key: &lt;script&gt;&amp;&quot;</li>\n</ul>\n");
    }
}
