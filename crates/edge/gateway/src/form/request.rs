//! The `PutObject` that a form means.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use updraft_kernel::AwsError;
use updraft_wire::http::Request;
use updraft_wire::{ServiceModel, codec, typed};

use super::errors::malformed;
use super::fields::Fields;
use crate::operation::Arrived;

const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Fields that are headers of the same name.
const HEADERS: [&str; 5] = ["cache-control", "content-disposition", "content-encoding", "content-type", "expires"];

/// Fields about the form itself.
const OF_FORM: [&str; 6] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-content-sha256",
];

/// Neither does a form copy anything.
fn is_of_form(name: &str) -> bool {
    OF_FORM.contains(&name) || name.starts_with("x-amz-copy-source")
}

/// Makes of the request what its form means.
///
/// # Errors
/// If its tags can't be read.
pub(super) fn rewrite(
    model: &'static ServiceModel,
    arrived: &mut Arrived,
    (bucket, key, fields): (&str, &str, &Fields),
) -> Result<(), AwsError> {
    let mut headers = HeaderMap::new();
    for name in ["host", "user-agent", "referer", "x-amzn-trace-id"] {
        if let Some(value) = arrived.head.headers.get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    for (name, value) in fields.iter() {
        let name = match name {
            "acl" => "x-amz-acl",
            name if HEADERS.contains(&name) => name,
            name if name.starts_with("x-amz-") && !is_of_form(name) => name,
            _ => continue,
        };
        put(&mut headers, name, value);
    }
    if let Some(tagging) = fields.get("tagging") {
        put(&mut headers, "x-amz-tagging", &tags(model, tagging)?);
    }
    arrived.head.headers = headers;
    arrived.head.method = Method::PUT;
    arrived.set_path(format!("/{bucket}/{}", utf8_percent_encode(key, KEY)));
    Ok(())
}

fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
    {
        headers.insert(name, value);
    }
}

/// The document's tags, as a header has them.
fn tags(model: &'static ServiceModel, document: &str) -> Result<String, AwsError> {
    let body = Bytes::copy_from_slice(document.as_bytes());
    let headers = HeaderMap::new();
    let request =
        Request { method: &Method::PUT, path: "/bucket/key", query: "tagging", headers: &headers, body: &body };
    let call = codec::find(model, &request)?;
    let input = codec::decode(&call, &request)?;
    let shape = call.op.input.ok_or_else(malformed)?;
    let read = typed::to_json(shape, &input);
    let tags = read.pointer("/Tagging/TagSet").and_then(Value::as_array).ok_or_else(malformed)?;
    let text = |tag: &Value, name: &str| {
        let text = tag.get(name).and_then(Value::as_str).unwrap_or_default();
        utf8_percent_encode(text, VALUE).to_string()
    };
    let pairs: Vec<_> = tags.iter().map(|tag| format!("{}={}", text(tag, "Key"), text(tag, "Value"))).collect();
    Ok(pairs.join("&"))
}
