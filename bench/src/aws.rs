//! The few requests the bench makes, ready to be sent.

use bytes::Bytes;
use serde_json::Value;

use crate::sign::Request;

/// One DynamoDB call.
pub(crate) fn dynamodb(host: &str, operation: &str, input: &Value) -> Bytes {
    let target = format!("DynamoDB_20120810.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
    let body = input.to_string();
    Request { service: "dynamodb", method: "POST", path: "/", query: "", headers: &headers, body: body.as_bytes() }
        .signed(host)
}

/// One SQS call.
pub(crate) fn sqs(host: &str, operation: &str, input: &Value) -> Bytes {
    let target = format!("AmazonSQS.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
    let body = input.to_string();
    Request { service: "sqs", method: "POST", path: "/", query: "", headers: &headers, body: body.as_bytes() }
        .signed(host)
}

/// One SNS call: `Action=…&…`, of characters that need no escapes.
pub(crate) fn sns(host: &str, form: &str) -> Bytes {
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let body = format!("{form}&Version=2010-03-31");
    Request { service: "sns", method: "POST", path: "/", query: "", headers: &headers, body: body.as_bytes() }
        .signed(host)
}

/// One call of a REST service (Lambda, API Gateway).
pub(crate) fn rest(host: &str, service: &str, method: &str, path: &str, input: &Value) -> Bytes {
    let headers = [("content-type", "application/json")];
    let body = if input.is_null() { String::new() } else { input.to_string() };
    Request { service, method, path, query: "", headers: &headers, body: body.as_bytes() }.signed(host)
}

/// One EventBridge call.
pub(crate) fn events(host: &str, operation: &str, input: &Value) -> Bytes {
    let target = format!("AWSEvents.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
    let body = input.to_string();
    let body = body.as_bytes();
    Request { service: "events", method: "POST", path: "/", query: "", headers: &headers, body }.signed(host)
}

/// One Step Functions call.
pub(crate) fn states(host: &str, operation: &str, input: &Value) -> Bytes {
    let target = format!("AWSStepFunctions.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
    let body = input.to_string();
    let body = body.as_bytes();
    Request { service: "states", method: "POST", path: "/", query: "", headers: &headers, body }.signed(host)
}

/// One S3 call. `target`: a path, and a query as it is signed.
pub(crate) fn s3(host: &str, method: &str, target: (&str, &str), body: &[u8]) -> Bytes {
    let (path, query) = target;
    Request { service: "s3", method, path, query, headers: &[], body }.signed(host)
}

/// The head of an upload whose body comes after it, unsigned.
pub(crate) fn s3_upload(host: &str, path: &str, length: usize) -> Bytes {
    Request { service: "s3", method: "PUT", path, query: "", headers: &[], body: &[] }.signed_head(host, length)
}

/// A plain request to a host of one's choice, as an application's user sends it.
pub(crate) fn plain(host: &str, method: &str, path: &str, body: &str) -> Bytes {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    (head + body).into()
}
