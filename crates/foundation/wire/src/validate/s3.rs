//! S3's refusals: of a body it is only said that it isn't as it should be; what stands in headers and in the query is the
//! operation's to judge, in words of its own.

use updraft_kernel::{AwsError, ErrorCode};

use super::{Findings, Path};
use crate::model::{Member, Operation, ServiceModel, Shape};
use crate::{Value, codes};

pub(crate) const NOT_WELL_FORMED: &str =
    "The XML you provided was not well-formed or did not validate against our published schema";

pub(super) fn check(
    model: &ServiceModel,
    op: &Operation,
    shape: &'static Shape,
    input: &Value,
) -> Result<(), AwsError> {
    let Value::Structure(fields) = input else { return Ok(()) };
    for (index, member) in shape.indexed() {
        match fields.iter().find(|(at, _)| *at == index).map(|(_, value)| value) {
            Some(value) if member.is_in_body() => body(model, op, member, value)?,
            None if member.required => return Err(missing(member)),
            _ => {}
        }
    }
    Ok(())
}

fn body(model: &ServiceModel, op: &Operation, member: &'static Member, value: &Value) -> Result<(), AwsError> {
    let mut found = Findings::default();
    found.value(member.shape, value, &Path::Member(&Path::Root(model, op), member));
    if found.0.is_empty() { Ok(()) } else { Err(AwsError::new(malformed(op), NOT_WELL_FORMED)) }
}

/// What a body is answered with that isn't as it should be.
pub(crate) fn malformed(op: &Operation) -> &'static ErrorCode {
    if op.name.ends_with("Acl") { &codes::MALFORMED_ACL } else { &codes::MALFORMED_XML }
}

fn missing(member: &Member) -> AwsError {
    if member.is_in_body() {
        return AwsError::new(&codes::MISSING_BODY, "Request Body is empty");
    }
    AwsError::new(&codes::INVALID_REQUEST, format!("Missing required header for this request: {}", member.wire))
}
