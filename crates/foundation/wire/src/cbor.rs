//! rpcv2Cbor: the operation in the path, everything else as CBOR in the body.

pub(crate) mod read;
mod reader;
pub(crate) mod write;

use updraft_kernel::error::code;
use updraft_kernel::{AwsError, RequestId};

use crate::http::{Request, Response};
use crate::model::{Operation, ServiceModel, Shape};
use crate::{Value, failure};

const CONTENT_TYPE: &str = "application/cbor";

/// What `/service/{service}/operation/{operation}` names, under whatever stands before.
pub(crate) fn operation(model: &'static ServiceModel, request: &Request) -> Result<&'static Operation, AwsError> {
    let name = request.path.rsplit_once("/operation/").map_or("", |(_, name)| name);
    let posted = request.method == http::Method::POST;
    model.operation(name).filter(|_| posted).ok_or_else(|| AwsError::new(&code::UNKNOWN_OPERATION, ""))
}

pub(crate) fn decode(shape: &'static Shape, body: &[u8]) -> Result<Value, AwsError> {
    read::body(shape, body)
}

pub(crate) fn encode(op: &Operation, output: &Value, id: &RequestId) -> Response {
    match op.output {
        Some(shape) => finish(Response::new(op.status).with_body(CONTENT_TYPE, write::to_vec(shape, output)), id),
        None => finish(Response::new(op.status), id),
    }
}

pub(crate) fn encode_error(model: &ServiceModel, error: &AwsError, id: &RequestId) -> Response {
    let mut response = Response::new(error.code().status).with_body(CONTENT_TYPE, error_body(model, error));
    failure::query_error(model, error, &mut response);
    finish(response, id)
}

pub(crate) fn error_body(model: &ServiceModel, error: &AwsError) -> Vec<u8> {
    write::error(&failure::type_name(model, error), failure::message_member(model, error), error)
}

fn finish(mut response: Response, id: &RequestId) -> Response {
    response.set("smithy-protocol", "rpc-v2-cbor");
    response.set("x-amzn-RequestId", id.as_str());
    response
}
