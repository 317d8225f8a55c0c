//! From what a function answered to an HTTP response.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Map, Value};

/// How a function's answer is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As for REST APIs: it must be a response, and headers may have several values.
    One,
    /// Any JSON without a status code is a body.
    Two,
}

/// A response as a function said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What a function answered is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// Not even JSON.
pub const NO_JSON: Malformed = Malformed("it isn't JSON");

type Result<T> = std::result::Result<T, Malformed>;

/// Reads an answer. `default` is the content type of a response that names none.
///
/// # Errors
/// If it is no response.
pub fn response(format: Format, payload: &Bytes, default: &'static str) -> Result<Answer> {
    let value: Value = serde_json::from_slice(payload).map_err(|_| NO_JSON)?;
    match value {
        Value::Object(answer) if answer.contains_key("statusCode") => {
            let Head { status, headers } = head(format, &answer, default)?;
            Ok(Answer { status, headers, body: body(&answer)? })
        }
        _ if format == Format::One => Err(Malformed("it has no statusCode")),
        value => Ok(inferred(value, payload)),
    }
}

/// Format 2.0 takes any JSON without a status code for the body.
fn inferred(value: Value, payload: &Bytes) -> Answer {
    let body = match value {
        Value::String(text) => Bytes::from(text),
        _ => payload.clone(),
    };
    let json = HeaderValue::from_static("application/json");
    Answer { status: 200, headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]), body }
}

/// A response without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    pub headers: HeaderMap,
}

/// Reads everything of a response but its body.
///
/// # Errors
/// If it has no legal status, or headers that can't be sent.
pub fn head(format: Format, answer: &Map<String, Value>, default: &'static str) -> Result<Head> {
    let mut headers = HeaderMap::new();
    put_headers(&mut headers, answer.get("headers"))?;
    match format {
        Format::One => put_multi_value(&mut headers, answer.get("multiValueHeaders"))?,
        Format::Two => put_cookies(&mut headers, answer.get("cookies"))?,
    }
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(default));
    drop_connection_headers(&mut headers);
    Ok(Head { status: status(answer.get("statusCode"))?, headers })
}

/// Interim statuses (1xx) announce another response, so they are none.
fn status(value: Option<&Value>) -> Result<u16> {
    let number = match value {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    let status = number.and_then(|number| u16::try_from(number).ok()).filter(|status| (200..600).contains(status));
    status.ok_or(Malformed("its statusCode is no status"))
}

fn body(answer: &Map<String, Value>) -> Result<Bytes> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(_) => return Err(Malformed("its body isn't text")),
    };
    match answer.get("isBase64Encoded") {
        Some(Value::Bool(true)) => {
            STANDARD.decode(text).map(Bytes::from).map_err(|_| Malformed("its body isn't base64"))
        }
        _ => Ok(Bytes::from(text.clone())),
    }
}

fn put_headers(out: &mut HeaderMap, headers: Option<&Value>) -> Result<()> {
    for (name, value) in object(headers)? {
        if !value.is_null() {
            out.insert(header_name(name)?, header_value(value)?);
        }
    }
    Ok(())
}

/// These go before `headers` of the same name.
fn put_multi_value(out: &mut HeaderMap, headers: Option<&Value>) -> Result<()> {
    for (name, values) in object(headers)? {
        let name = header_name(name)?;
        out.remove(&name);
        for value in list(Some(values))? {
            out.append(name.clone(), header_value(value)?);
        }
    }
    Ok(())
}

fn put_cookies(out: &mut HeaderMap, cookies: Option<&Value>) -> Result<()> {
    for cookie in list(cookies)? {
        out.append(header::SET_COOKIE, header_value(cookie)?);
    }
    Ok(())
}

fn object(value: Option<&Value>) -> Result<impl Iterator<Item = (&String, &Value)>> {
    match value {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(map)) => Ok(Some(map).into_iter().flatten()),
        Some(_) => Err(Malformed("its headers aren't an object")),
    }
}

fn list(value: Option<&Value>) -> Result<&[Value]> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(values)) => Ok(values),
        Some(_) => Err(Malformed("it has one value where a list belongs")),
    }
}

fn header_name(name: &str) -> Result<HeaderName> {
    HeaderName::try_from(name).map_err(|_| Malformed("it has an illegal header name"))
}

fn header_value(value: &Value) -> Result<HeaderValue> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return Err(Malformed("it has a header that isn't text")),
    };
    HeaderValue::try_from(text).map_err(|_| Malformed("it has an illegal header value"))
}

/// These are the connection's, which is the gateway's own.
fn drop_connection_headers(headers: &mut HeaderMap) {
    for name in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::UPGRADE, header::TE] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Format, payload: &str) -> Result<(u16, HeaderMap, String)> {
        let response = response(format, &Bytes::copy_from_slice(payload.as_bytes()), "text/plain")?;
        Ok((response.status, response.headers, String::from_utf8(response.body.to_vec()).unwrap()))
    }

    #[test]
    fn format_two_infers_a_response() {
        for (payload, body) in [
            (r#""Hello from Lambda!""#, "Hello from Lambda!"),
            (r#"{ "message": "hi" }"#, r#"{ "message": "hi" }"#),
            ("[1]", "[1]"),
            ("null", "null"),
        ] {
            let (status, headers, found) = read(Format::Two, payload).unwrap();
            assert_eq!((status, found.as_str()), (200, body));
            assert_eq!(headers["content-type"], "application/json");
            assert!(read(Format::One, payload).is_err(), "format 1.0 doesn't");
        }
    }

    #[test]
    fn a_structured_response_is_read() {
        let payload = r#"{"statusCode": 201, "headers": {"X-Count": 3, "content-length": "9"}, "cookies": ["a=1", "b=2"],
            "isBase64Encoded": true, "body": "aGk="}"#;
        let (status, headers, body) = read(Format::Two, payload).unwrap();
        assert_eq!((status, body.as_str()), (201, "hi"));
        assert_eq!(headers["x-count"], "3");
        assert_eq!(headers["content-type"], "text/plain");
        assert!(!headers.contains_key("content-length"));
        assert_eq!(headers.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    }

    #[test]
    fn format_one_has_several_values() {
        let payload = r#"{"statusCode": "200", "headers": {"x-a": "0", "content-type": "text/html"},
            "multiValueHeaders": {"X-A": ["1", "2"]}, "body": "x"}"#;
        let (status, headers, _) = read(Format::One, payload).unwrap();
        assert_eq!(status, 200);
        assert_eq!(headers.get_all("x-a").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(headers["content-type"], "text/html");
    }

    #[test]
    fn what_is_no_response_is_told_apart() {
        for payload in [
            "",
            "{",
            r#"{"statusCode": 99}"#,
            r#"{"statusCode": 100}"#,
            r#"{"statusCode": 600}"#,
            r#"{"statusCode": "ok"}"#,
            r#"{"statusCode": 200, "body": {"a": 1}}"#,
            r#"{"statusCode": 200, "headers": []}"#,
            r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
            r#"{"statusCode": 200, "headers": {"a": "b\nc"}}"#,
            r#"{"statusCode": 200, "headers": {"a": {}}}"#,
            r#"{"statusCode": 200, "cookies": "a=1"}"#,
            r#"{"statusCode": 200, "isBase64Encoded": true, "body": "*"}"#,
        ] {
            assert!(read(Format::Two, payload).is_err(), "{payload}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_function_answers_is_a_response_or_malformed(
            status in ".{0,5}", name in ".{0,8}", value in ".{0,8}", body in ".{0,8}", base64: bool, junk: Vec<u8>,
        ) {
            let answer = serde_json::json!({
                "statusCode": status, "headers": { name: value }, "body": body, "isBase64Encoded": base64,
            });
            for format in [Format::One, Format::Two] {
                for payload in [answer.to_string().into_bytes(), junk.clone()] {
                    if let Ok(response) = response(format, &Bytes::from(payload), "text/plain") {
                        proptest::prop_assert!((200..600).contains(&response.status));
                    }
                }
            }
        }
    }
}
