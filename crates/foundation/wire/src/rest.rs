//! restJson and restXml: the operation in method and path, the input in path, query, headers and body.

mod bind;
mod error;
mod reply;
mod route;

use updraft_kernel::AwsError;
use updraft_kernel::error::code;

pub(crate) use bind::decode;
pub(crate) use error::{json_error, xml_error};
pub(crate) use reply::encode;
pub(crate) use route::Labels;
pub use route::Routes;

use crate::http::Request;
use crate::model::{Operation, ServiceModel};

/// The operation whose method and template fit best.
pub(crate) fn operation(
    model: &'static ServiceModel,
    request: &Request,
) -> Result<(&'static Operation, Labels), AwsError> {
    model.routes.find(model, request).ok_or_else(|| AwsError::new(&code::UNKNOWN_OPERATION, ""))
}
