//! Events as requests. Those of HTTP APIs, REST APIs, function URLs and load balancers are the requests that they were
//! made of; whatever else comes is posted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use updraft_exec::Work;
use updraft_kernel::UnixMillis;

/// What an answer has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Of REST APIs and load balancers.
    One,
    /// Of HTTP APIs and function URLs.
    Two,
    /// The body is the result.
    Plain,
}

pub(crate) struct Asked {
    pub(crate) form: Form,
    pub(crate) request: Request<Full<Bytes>>,
}

/// Names that AWS's own adapter for web applications has for the same: what the event says besides the request, and the
/// call's context.
const REQUEST_CONTEXT: HeaderName = HeaderName::from_static("x-amzn-request-context");
const LAMBDA_CONTEXT: HeaderName = HeaderName::from_static("x-amzn-lambda-context");
/// RFC 6761: nobody has that name.
const NOBODY: HeaderValue = HeaderValue::from_static("lambda.invalid");
/// RFC 3986: unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) fn asked(work: &Work, deadline: UnixMillis) -> Asked {
    let context = json!({
        "request_id": work.request_id(),
        "deadline": deadline.0,
        "invoked_function_arn": work.invoked_arn(),
        "xray_trace_id": work.trace(),
        "client_context": work.client_context(),
    });
    of(&work.payload(), &context.to_string())
}

fn of(payload: &Bytes, context: &str) -> Asked {
    let event: Value = serde_json::from_slice(payload).unwrap_or_default();
    let mut asked = two(&event).or_else(|| one(&event)).unwrap_or_else(|| posted(payload));
    let headers = asked.request.headers_mut();
    headers.entry(HOST).or_insert(NOBODY);
    // A client can't say these: they are put in place of its own.
    headers.remove(REQUEST_CONTEXT);
    if asked.form != Form::Plain {
        let said = event.get("requestContext").map(Value::to_string).unwrap_or_default();
        headers.extend(value(&said).map(|said| (REQUEST_CONTEXT, said)));
    }
    headers.remove(LAMBDA_CONTEXT);
    headers.extend(value(context).map(|context| (LAMBDA_CONTEXT, context)));
    asked
}

fn posted(payload: &Bytes) -> Asked {
    let mut request = Request::new(Full::new(payload.clone()));
    *request.method_mut() = Method::POST;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Asked { form: Form::Plain, request }
}

fn two(event: &Value) -> Option<Asked> {
    if event.get("version")?.as_str()? != "2.0" {
        return None;
    }
    let method = event.get("requestContext")?.get("http")?.get("method")?.as_str()?;
    let path = event.get("rawPath")?.as_str()?;
    let query = event.get("rawQueryString").and_then(Value::as_str).unwrap_or_default();
    let mut headers = headers(event.get("headers"));
    let cookies: Vec<_> = texts(event.get("cookies")).collect();
    if !cookies.is_empty() {
        headers.extend(value(&cookies.join("; ")).map(|cookies| (COOKIE, cookies)));
    }
    Some(Asked { form: Form::Two, request: request(event, (method, path, query), headers)? })
}

fn one(event: &Value) -> Option<Asked> {
    let method = event.get("httpMethod")?.as_str()?;
    let path = event.get("path")?.as_str()?;
    event.get("requestContext")?.as_object()?;
    let several = event.get("multiValueQueryStringParameters").and_then(Value::as_object);
    let single = event.get("queryStringParameters").and_then(Value::as_object);
    let query = several.or(single).map(query).unwrap_or_default();
    let mut all = headers(event.get("multiValueHeaders"));
    if all.is_empty() {
        all = headers(event.get("headers"));
    }
    Some(Asked { form: Form::One, request: request(event, (method, path, &query), all)? })
}

fn request(
    event: &Value,
    (method, path, query): (&str, &str, &str),
    headers: HeaderMap,
) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(body(event)));
    *request.method_mut() = method.parse().ok()?;
    *request.uri_mut() = uri(path, query)?;
    *request.headers_mut() = headers;
    Some(request)
}

/// A path in an event may hold what a request's can't.
fn uri(path: &str, query: &str) -> Option<Uri> {
    const PATH: &AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'?').add(b'#');
    let path = utf8_percent_encode(path, PATH);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{path}{mark}{query}").parse().ok()
}

fn body(event: &Value) -> Bytes {
    let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
    let encoded = event.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    let decoded = encoded.then(|| STANDARD.decode(text).ok()).flatten();
    decoded.map_or_else(|| Bytes::copy_from_slice(text.as_bytes()), Bytes::from)
}

/// Texts, or lists of them, by name.
fn headers(from: Option<&Value>) -> HeaderMap {
    let all = from.and_then(Value::as_object).into_iter().flatten();
    let named = all.filter_map(|(name, values)| Some((name.parse::<HeaderName>().ok()?, values)));
    named.flat_map(|(name, values)| texts(Some(values)).filter_map(value).map(move |one| (name.clone(), one))).collect()
}

fn texts(from: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = from.and_then(Value::as_array).into_iter().flatten();
    list.chain(from).filter_map(Value::as_str)
}

fn value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

fn query(parameters: &Map<String, Value>) -> String {
    let encoded = |text| utf8_percent_encode(text, QUERY);
    let pairs = parameters.iter().flat_map(|(name, values)| texts(Some(values)).map(move |one| (name, one)));
    pairs.map(|(name, one)| format!("{}={}", encoded(name), encoded(one))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn read(event: &Value) -> (Form, http::request::Parts, Bytes) {
        let Asked { form, request } = of(&event.to_string().into(), r#"{"request_id":"1"}"#);
        let (head, body) = request.into_parts();
        let body = futures_util::FutureExt::now_or_never(body.collect()).unwrap().unwrap().to_bytes();
        (form, head, body)
    }

    fn header<'a>(head: &'a http::request::Parts, name: &str) -> Vec<&'a str> {
        head.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn an_http_apis_event_is_the_request_it_was_made_of() {
        let (form, head, body) = read(&json!({
            "version": "2.0", "rawPath": "/a b", "rawQueryString": "x=1&x=%202",
            "headers": {"host": "api.example", "accept": "a,b", "x-amzn-request-context": "forged"},
            "cookies": ["a=1", "b=2"],
            "requestContext": {"http": {"method": "PUT"}}, "body": "aGk=", "isBase64Encoded": true,
        }));
        assert_eq!((form, head.method.as_str(), &body[..]), (Form::Two, "PUT", &b"hi"[..]));
        assert_eq!(head.uri, "/a%20b?x=1&x=%202");
        assert_eq!((header(&head, "host"), header(&head, "cookie")), (vec!["api.example"], vec!["a=1; b=2"]));
        assert_eq!(header(&head, "x-amzn-request-context"), [r#"{"http":{"method":"PUT"}}"#]);
        assert_eq!(header(&head, "x-amzn-lambda-context"), [r#"{"request_id":"1"}"#]);
    }

    #[test]
    fn a_rest_apis_event_is_too_with_all_of_its_values() {
        let (form, head, body) = read(&json!({
            "httpMethod": "GET", "path": "/p", "requestContext": {}, "body": null, "isBase64Encoded": false,
            "multiValueQueryStringParameters": {"q": ["a b", "ä&"], "r": [""]}, "queryStringParameters": {"q": "ä&"},
            "multiValueHeaders": {"Accept": ["a", "b"]}, "headers": {"Accept": "b"},
        }));
        assert_eq!((form, head.method.as_str(), body.len()), (Form::One, "GET", 0));
        assert_eq!(head.uri, "/p?q=a%20b&q=%C3%A4%26&r=");
        assert_eq!(header(&head, "accept"), ["a", "b"]);
        assert_eq!(header(&head, "host"), ["lambda.invalid"]);
    }

    #[test]
    fn whatever_else_is_posted() {
        for event in [json!({"version": "2.0"}), json!(7), json!({"httpMethod": "GET"}), json!({"Records": []})] {
            let (form, head, body) = read(&event);
            assert_eq!((form, head.method.as_str(), head.uri.path()), (Form::Plain, "POST", "/"));
            assert_eq!(body, event.to_string());
            assert_eq!(header(&head, "content-type"), ["application/json"]);
            assert!(header(&head, "x-amzn-request-context").is_empty());
        }
    }

    #[test]
    fn what_is_no_request_is_posted_as_it_is() {
        let bad = json!({"version": "2.0", "rawPath": "/", "requestContext": {"http": {"method": "A B"}}});
        assert_eq!(read(&bad).0, Form::Plain);
        let rest = of(&Bytes::from_static(b"not json"), "{}");
        assert_eq!(rest.form, Form::Plain);
    }
}
