//! Errors that a protocol answers by itself and no model names.

use updraft_kernel::{ErrorCode, Fault};

/// restXml: a body that cannot be read.
pub static MALFORMED_XML: ErrorCode = ErrorCode::sender("MalformedXML", 400);
/// S3: the same, of a body that says who may do what.
pub static MALFORMED_ACL: ErrorCode = ErrorCode::sender("MalformedACLError", 400);
/// S3: there is no body where one is needed.
pub static MISSING_BODY: ErrorCode = ErrorCode::sender("MissingRequestBodyError", 400);
/// S3: a header or parameter is missing.
pub static INVALID_REQUEST: ErrorCode = ErrorCode::sender("InvalidRequest", 400);
/// Query: a parameter that cannot be read.
pub static MALFORMED_INPUT: ErrorCode = ErrorCode::sender("MalformedInput", 400);
/// Query: neither body nor URL name an operation.
pub static MISSING_ACTION: ErrorCode = ErrorCode::sender("MissingAction", 400);
/// SQS: a required member is missing. The query protocol has another name for it.
pub static MISSING_PARAMETER: ErrorCode = ErrorCode {
    name: "MissingRequiredParameterException",
    status: 400,
    fault: Fault::Sender,
    query_code: Some("MissingParameter"),
};
/// A constraint of the model is violated. The query protocol has another name for it.
pub static VALIDATION: ErrorCode =
    ErrorCode { name: "ValidationException", status: 400, fault: Fault::Sender, query_code: Some("ValidationError") };
/// restJson: no operation has that method and path.
pub static UNKNOWN_PATH: ErrorCode = ErrorCode::sender("UnknownOperationException", 404);
/// restXml: the same.
pub static METHOD_NOT_ALLOWED: ErrorCode = ErrorCode::sender("MethodNotAllowed", 405);
/// restXml: the path is no text.
pub static INVALID_URI: ErrorCode = ErrorCode::sender("InvalidURI", 400);
