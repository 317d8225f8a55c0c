//! awsJson 1.0 and 1.1: the operation in `X-Amz-Target`, everything else in the body.

mod mismatch;
pub(crate) mod read;
pub(crate) mod reader;
pub(crate) mod write;

use updraft_kernel::error::code;
use updraft_kernel::{AwsError, RequestId};

use crate::http::{Request, Response};
use crate::model::{Operation, ServiceModel, Shape, Style};
use crate::{Value, failure};

/// What `X-Amz-Target` names.
pub(crate) fn operation(model: &'static ServiceModel, request: &Request) -> Result<&'static Operation, AwsError> {
    let target = request.header("x-amz-target").unwrap_or_default();
    let name = target.rsplit_once('.').map_or(target, |(_, name)| name);
    // Nothing but a POST calls anything: a 2xx to CONNECT or TRACE would even mean something else.
    let posted = request.method == http::Method::POST;
    model.operation(name).filter(|_| posted).ok_or_else(|| AwsError::new(&code::UNKNOWN_OPERATION, ""))
}

pub(crate) fn decode(model: &ServiceModel, shape: &'static Shape, body: &[u8]) -> Result<Value, AwsError> {
    read::body(model.style, shape, body)
}

pub(crate) fn encode(model: &ServiceModel, op: &Operation, output: &Value, id: &RequestId) -> Response {
    let body = op.output.map(|shape| write::to_vec(shape, output)).unwrap_or_default();
    finish(model, Response::new(op.status).with_body(content_type(model), body), id)
}

pub(crate) fn encode_error(model: &ServiceModel, error: &AwsError, id: &RequestId) -> Response {
    let body = failure::json_body(model, error, true);
    let mut response = Response::new(error.code().status).with_body(content_type(model), body);
    failure::query_error(model, error, &mut response);
    finish(model, response, id)
}

fn content_type(model: &ServiceModel) -> &'static str {
    if model.json_version == "1.1" { "application/x-amz-json-1.1" } else { "application/x-amz-json-1.0" }
}

fn finish(model: &ServiceModel, mut response: Response, id: &RequestId) -> Response {
    response.set("x-amzn-RequestId", id.as_str());
    if model.style == Style::DynamoDb {
        // AWS: clients of DynamoDB check this over the bytes as sent, so nobody may compress the body afterwards.
        response.set("x-amz-crc32", &crc32fast::hash(&response.body).to_string());
    }
    response
}
