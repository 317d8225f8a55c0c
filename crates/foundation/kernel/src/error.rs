//! [`AwsError`]: every error has a face for the caller and one for the log, and they never mix.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

/// Who is to blame, as AWS's query protocol says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Sender,
    Receiver,
}

/// One error a service can answer. The api crates hold those of their models as generated consts.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// The name on the wire, such as `ResourceNotFoundException`.
    pub name: &'static str,
    /// HTTP status.
    pub status: u16,
    pub fault: Fault,
    /// The older code that clients of the query protocol know it by, where the model names one.
    pub query_code: Option<&'static str>,
}

impl ErrorCode {
    #[must_use]
    pub const fn sender(name: &'static str, status: u16) -> Self {
        Self { name, status, fault: Fault::Sender, query_code: None }
    }

    #[must_use]
    pub const fn receiver(name: &'static str, status: u16) -> Self {
        Self { name, status, fault: Fault::Receiver, query_code: None }
    }
}

/// Codes that belong to no single service.
pub mod code {
    use super::ErrorCode;

    pub static INTERNAL_FAILURE: ErrorCode = ErrorCode::receiver("InternalFailure", 500);
    pub static INTERNAL_SERVER_ERROR: ErrorCode = ErrorCode::receiver("InternalServerError", 500);
    pub static SERVICE_UNAVAILABLE: ErrorCode = ErrorCode::receiver("ServiceUnavailable", 503);
    pub static NOT_IMPLEMENTED: ErrorCode = ErrorCode::receiver("NotImplemented", 501);
    pub static UNKNOWN_OPERATION: ErrorCode = ErrorCode::sender("UnknownOperationException", 400);
    pub static INVALID_ACTION: ErrorCode = ErrorCode::sender("InvalidAction", 400);
    pub static SERIALIZATION: ErrorCode = ErrorCode::sender("SerializationException", 400);
    pub static VALIDATION: ErrorCode = ErrorCode::sender("ValidationException", 400);
    pub static ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDeniedException", 403);
    pub static REQUEST_TOO_LARGE: ErrorCode = ErrorCode::sender("RequestEntityTooLarge", 413);
}

/// What a caller of AWS may see, and beside it what only the log may. One pointer in size.
pub struct AwsError(Box<Inner>);

struct Inner {
    code: &'static ErrorCode,
    message: Cow<'static, str>,
    members: Vec<(&'static str, Value)>,
    headers: Vec<(&'static str, String)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    conflict: bool,
}

impl AwsError {
    #[must_use]
    pub fn new(code: &'static ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            members: Vec::new(),
            headers: Vec::new(),
            source: None,
            conflict: false,
        }))
    }

    /// A plain 500. `source` goes to the log and never onto the wire.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(&code::INTERNAL_FAILURE, "We encountered an internal error. Please try again.").because(source)
    }

    /// What the platform itself needs isn't there now. SDKs try again.
    #[must_use]
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(&code::SERVICE_UNAVAILABLE, "The service is temporarily unavailable. Please try again.")
            .because(source)
    }

    /// The transaction met another one: nothing was applied, and the layer around every operation runs it again.
    /// What a caller sees only if that never succeeds is a plain 500.
    #[must_use]
    pub fn conflict(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut err = Self::internal(source);
        err.0.conflict = true;
        err
    }

    /// With the cause, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// With a further member of the error's shape, named as on the wire.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        self.0.members.push((member, value.into()));
        self
    }

    /// With a response header, named in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn code(&self) -> &'static ErrorCode {
        self.0.code
    }
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
    #[must_use]
    pub fn members(&self) -> &[(&'static str, Value)] {
        &self.0.members
    }
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.0.conflict
    }
}

impl fmt::Debug for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.name, self.0.message)?;
        match &self.0.source {
            Some(source) => write!(f, " (because {source})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.name, self.0.message)
    }
}

impl StdError for AwsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_for_the_log_only() {
        let err = AwsError::internal("disk on fire");
        assert!(!err.to_string().contains("fire"));
        assert!(!err.message().contains("fire"));
        assert!(format!("{err:?}").contains("fire"));
        assert_eq!(size_of::<AwsError>(), size_of::<usize>());
    }
}
