//! Errors that a protocol answers by itself and no model names.

use updraft_kernel::{ErrorCode, Fault};

/// restXml: a body that cannot be read.
pub static MALFORMED_XML: ErrorCode = ErrorCode::sender("MalformedXML", 400);
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
