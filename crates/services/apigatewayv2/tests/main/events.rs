//! What a function is given.

use bytes::Bytes;
use serde_json::{Value, json};
use updraft_kernel::ports::HttpRequest;

use crate::support::{request, with_headers, world};

const BODY: &str = r#"{"name":"Rex"}"#;

fn full_request(api_id: &str) -> HttpRequest {
    let request = request(api_id, "POST /dev/pets/a%20b?q=1&q=x%20y&empty=");
    let request = with_headers(
        request,
        &[
            ("content-type", "application/json"),
            ("cookie", "a=1; b=2"),
            ("user-agent", "test/1"),
            ("x-many", "1"),
            ("x-many", "2"),
            ("x-amzn-trace-id", "Root=1-2-3"),
        ],
    );
    HttpRequest { body: Bytes::from_static(BODY.as_bytes()), ..request }
}

/// What differs from run to run, taken out.
fn steady(mut event: Value) -> Value {
    let id = event["requestContext"]["requestId"].take();
    assert_eq!(id.as_str().unwrap().len(), 16);
    if event["version"] == "1.0" {
        assert_eq!(event["requestContext"]["extendedRequestId"].take(), id);
    }
    event
}

#[tokio::test]
async fn format_two_says_everything() {
    let api = world();
    let id = api.api_with("POST /pets/{name}", "2.0").await;
    api.stage(&id, "dev").await;
    api.send(full_request(&id)).await;
    let domain = format!("{id}.execute-api.localhost");
    assert_eq!(
        steady(api.functions.event()),
        json!({
            "version": "2.0",
            "routeKey": "POST /pets/{name}",
            "rawPath": "/dev/pets/a b",
            "rawQueryString": "q=1&q=x%20y&empty=",
            "cookies": ["a=1", "b=2"],
            "headers": {
                "content-length": "14",
                "content-type": "application/json",
                "user-agent": "test/1",
                "x-amzn-trace-id": "Root=1-2-3",
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "4566",
                "x-forwarded-proto": "http",
                "x-many": "1,2",
            },
            "queryStringParameters": { "empty": "", "q": "1,x y" },
            "requestContext": {
                "accountId": "000000000000",
                "apiId": id,
                "domainName": domain,
                "domainPrefix": id,
                "http": {
                    "method": "POST",
                    "path": "/dev/pets/a b",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "test/1",
                },
                "requestId": null,
                "routeKey": "POST /pets/{name}",
                "stage": "dev",
                "time": "01/Jan/2030:00:00:00 +0000",
                "timeEpoch": 1_893_456_000_000_i64,
            },
            "pathParameters": { "name": "a b" },
            "body": BODY,
            "isBase64Encoded": false,
        })
    );
}

#[tokio::test]
async fn format_two_leaves_out_what_is_not_there() {
    let api = world();
    let id = api.api_with("$default", "2.0").await;
    api.ask(&id, "GET /").await;
    let event = api.functions.event();
    let members: Vec<_> = event.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        ["version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded"]
    );
    assert_eq!((&event["rawPath"], &event["requestContext"]["stage"]), (&json!("/"), &json!("$default")));
}

#[tokio::test]
async fn format_one_says_everything() {
    let api = world();
    let id = api.api_with("POST /pets/{name}", "1.0").await;
    api.stage(&id, "dev").await;
    api.send(full_request(&id)).await;
    let event = steady(api.functions.event());
    for (pointer, value) in [
        ("/version", json!("1.0")),
        ("/resource", json!("/pets/{name}")),
        ("/path", json!("/dev/pets/a b")),
        ("/httpMethod", json!("POST")),
        ("/headers/x-many", json!("2")),
        ("/headers/cookie", json!("a=1; b=2")),
        ("/multiValueHeaders/x-many", json!(["1", "2"])),
        ("/queryStringParameters", json!({ "empty": "", "q": "x y" })),
        ("/multiValueQueryStringParameters", json!({ "empty": [""], "q": ["1", "x y"] })),
        ("/pathParameters", json!({ "name": "a b" })),
        ("/stageVariables", Value::Null),
        ("/body", json!(BODY)),
        ("/isBase64Encoded", json!(false)),
        ("/requestContext/resourcePath", json!("/pets/{name}")),
        ("/requestContext/resourceId", json!("POST /pets/{name}")),
        ("/requestContext/requestTime", json!("01/Jan/2030:00:00:00 +0000")),
        ("/requestContext/identity/sourceIp", json!("127.0.0.1")),
        ("/requestContext/identity/userArn", Value::Null),
    ] {
        assert_eq!(event.pointer(pointer), Some(&value), "{pointer}");
    }
}

#[tokio::test]
async fn format_one_has_null_for_what_is_not_there() {
    let api = world();
    let id = api.api_with("$default", "1.0").await;
    api.ask(&id, "GET /").await;
    let event = api.functions.event();
    for member in
        ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"]
    {
        assert!(event.as_object().unwrap().contains_key(member), "{member}");
        assert_eq!(event[member], Value::Null, "{member}");
    }
}

#[tokio::test]
async fn bytes_come_as_base64() {
    let api = world();
    let id = api.api_with("$default", "2.0").await;
    for (kind, body, expected, is_base64) in [
        ("image/png", &b"\x00\xff"[..], "AP8=", true),
        ("application/x-www-form-urlencoded", b"a=1", "YT0x", true),
        ("application/json", b"\xff", "/w==", true),
        ("text/plain", b"hi", "hi", false),
    ] {
        let mut request = request(&id, "POST /");
        request.headers.insert("content-type", kind.parse().unwrap());
        request.body = Bytes::from_static(body);
        api.send(request).await;
        let event = api.functions.event();
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(expected), &json!(is_base64)), "{kind}");
    }
}
