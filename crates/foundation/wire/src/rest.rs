//! restJson and restXml: the operation in method and path, the input in path, query, headers and body.

mod bind;
mod error;
mod reply;
mod route;

use updraft_kernel::AwsError;

pub(crate) use bind::decode;
pub(crate) use error::{json_error, xml_error};
pub(crate) use reply::encode;
pub(crate) use route::Labels;
pub use route::Routes;

use crate::http::Request;
use crate::model::{Operation, Protocol, ServiceModel};
use crate::{codes, text};

/// The operation whose method and template fit best.
pub(crate) fn operation(
    model: &'static ServiceModel,
    protocol: Protocol,
    request: &Request,
) -> Result<(&'static Operation, Labels), AwsError> {
    model.routes.find(model, request).ok_or_else(|| match protocol {
        // AWS: what isn't UTF-8 is no URI.
        Protocol::RestXml if text::percent_decoded(request.path).is_none() => {
            AwsError::new(&codes::INVALID_URI, "Couldn't parse the specified URI.").with("URI", request.path)
        }
        Protocol::RestXml => {
            AwsError::new(&codes::METHOD_NOT_ALLOWED, "The specified method is not allowed against this resource.")
        }
        _ => AwsError::new(&codes::UNKNOWN_PATH, ""),
    })
}
