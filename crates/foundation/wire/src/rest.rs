//! To be written.

use updraft_kernel::error::code;
use updraft_kernel::{AwsError, RequestId};

use crate::Value;
use crate::http::{Request, Response};
use crate::model::{Operation, Protocol, ServiceModel, Shape};

#[derive(Debug, Default)]
pub(crate) struct Labels;
pub(crate) fn operation(
    _model: &'static ServiceModel,
    _p: Protocol,
    _request: &Request,
) -> Result<(&'static Operation, Labels), AwsError> {
    Err(AwsError::new(&code::NOT_IMPLEMENTED, "This protocol is not there yet."))
}
pub(crate) fn decode(
    _model: &ServiceModel,
    _p: Protocol,
    _shape: &'static Shape,
    _l: &Labels,
    _request: &Request,
) -> Result<Value, AwsError> {
    Err(AwsError::new(&code::NOT_IMPLEMENTED, "This protocol is not there yet."))
}
pub(crate) fn encode(
    _model: &ServiceModel,
    _p: Protocol,
    _op: &Operation,
    _output: &Value,
    _id: &RequestId,
) -> Response {
    Response::new(501)
}
pub(crate) fn json_error(_model: &ServiceModel, _error: &AwsError, _id: &RequestId) -> Response {
    Response::new(501)
}
pub(crate) fn xml_error(
    _model: &ServiceModel,
    _op: Option<&Operation>,
    _error: &AwsError,
    _id: &RequestId,
) -> Response {
    Response::new(501)
}
