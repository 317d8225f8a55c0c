//! To be written.

use updraft_kernel::error::code;
use updraft_kernel::{AwsError, RequestId};

use crate::Value;
use crate::http::{Request, Response};
use crate::model::{Operation, ServiceModel, Shape};

pub(crate) fn operation(_model: &'static ServiceModel, _request: &Request) -> Result<&'static Operation, AwsError> {
    Err(AwsError::new(&code::NOT_IMPLEMENTED, "This protocol is not there yet."))
}
pub(crate) fn decode(_shape: &'static Shape, _body: &[u8]) -> Result<Value, AwsError> {
    Err(AwsError::new(&code::NOT_IMPLEMENTED, "This protocol is not there yet."))
}
pub(crate) fn encode(_op: &Operation, _output: &Value, _id: &RequestId) -> Response {
    Response::new(501)
}
pub(crate) fn encode_error(_model: &ServiceModel, _error: &AwsError, _id: &RequestId) -> Response {
    Response::new(501)
}
