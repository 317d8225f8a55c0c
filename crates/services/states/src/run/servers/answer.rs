//! What a server answered, as a task's result.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

pub(super) fn shown(status: u16, headers: &HeaderMap, body: &[u8]) -> Value {
    json!({
        "Headers": lists(headers),
        "ResponseBody": content(headers, body),
        "StatusCode": status,
        "StatusText": reason(status),
    })
}

/// `OK`.
pub(super) fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

fn lists(headers: &HeaderMap) -> Map<String, Value> {
    let mut lists = Map::new();
    for name in headers.keys() {
        let values = headers.get_all(name).iter().map(|value| json!(String::from_utf8_lossy(value.as_bytes())));
        lists.insert(name.to_string(), Value::Array(values.collect()));
    }
    lists
}

/// JSON where it is that.
fn content(headers: &HeaderMap, body: &[u8]) -> Value {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let text = || Value::String(String::from_utf8_lossy(body).into_owned());
    if kind.contains("json") { serde_json::from_slice(body).unwrap_or_else(|_| text()) } else { text() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_and_anything_else_is_text() {
        let of = |kind: &'static str, body: &str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static(kind))]);
            shown(200, &headers, body.as_bytes())
        };
        let told = of("application/json; charset=utf-8", r#"{"a":1}"#);
        assert_eq!(told["ResponseBody"], json!({ "a": 1 }));
        assert_eq!(
            (&told["StatusText"], &told["Headers"]["content-type"][0]),
            (&json!("OK"), &json!("application/json; charset=utf-8"))
        );
        assert_eq!(of("text/plain", "{}")["ResponseBody"], json!("{}"));
        assert_eq!(of("application/json", "no")["ResponseBody"], json!("no"));
    }
}
