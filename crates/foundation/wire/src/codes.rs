//! Errors that a protocol answers by itself and no model names.

use updraft_kernel::ErrorCode;

/// restXml: a body that cannot be read.
pub static MALFORMED_XML: ErrorCode = ErrorCode::sender("MalformedXML", 400);
/// Query: a parameter that cannot be read.
pub static MALFORMED_INPUT: ErrorCode = ErrorCode::sender("MalformedInput", 400);
/// Query: neither body nor URL name an operation.
pub static MISSING_ACTION: ErrorCode = ErrorCode::sender("MissingAction", 400);
/// Query: a constraint of the model is violated.
pub static VALIDATION_ERROR: ErrorCode = ErrorCode::sender("ValidationError", 400);
/// API Gateway: the same.
pub static BAD_REQUEST: ErrorCode = ErrorCode::sender("BadRequestException", 400);
