//! This service's errors, in AWS's words.

use std::borrow::Cow;

use serde_json::{Value, json};
use updraft_api_dynamodb::errors as code;
use updraft_api_dynamodbstreams::errors as streams;
use updraft_expr::dynamodb::Item;
use updraft_kernel::error::code::VALIDATION;
use updraft_kernel::{AwsError, ErrorCode};

use crate::model::value::item_to_json;

/// Lambda's, of sources that aren't there.
static INVALID_PARAMETER_VALUE: ErrorCode = ErrorCode::sender("InvalidParameterValueException", 400);

pub(crate) fn validation(message: impl Into<Cow<'static, str>>) -> AwsError {
    AwsError::new(&VALIDATION, message)
}

/// `One or more parameter values were invalid: {what}`
pub(crate) fn invalid_parameter(what: impl std::fmt::Display) -> AwsError {
    validation(format!("One or more parameter values were invalid: {what}"))
}

/// AWS: `PutItem`, `UpdateItem` and `DeleteItem` wrap what is wrong with values and expressions; the others don't.
pub(crate) fn enveloped(err: AwsError) -> AwsError {
    if err.code().name == VALIDATION.name {
        return validation(format!("1 validation error detected: {}", err.message()));
    }
    err
}

/// What the operations on items say.
pub(crate) fn no_such_table() -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, "Requested resource not found")
}

/// What the operations on tables say.
pub(crate) fn no_such_table_named(name: &str) -> AwsError {
    let message = format!("Requested resource not found: Table: {name} not found");
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_table_to_describe(name: &str) -> AwsError {
    AwsError::new(&code::TABLE_NOT_FOUND_EXCEPTION, format!("Table not found: {name}"))
}

/// What the operations on tags say of anything but a table's ARN.
pub(crate) fn no_table_arn(arn: &str) -> AwsError {
    validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}"))
}

pub(crate) fn no_such_resource(arn: &str) -> AwsError {
    let message = format!("Requested resource not found: ResourcArn: {arn} not found");
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

/// What the operations on streams say.
pub(crate) fn no_such_stream(arn: &str) -> AwsError {
    AwsError::new(
        &streams::RESOURCE_NOT_FOUND_EXCEPTION,
        format!("Requested resource not found: Stream: {arn} not found"),
    )
}

/// What Lambda says of a stream that it is to read.
pub(crate) fn no_such_stream_to_poll(arn: &str) -> AwsError {
    AwsError::new(&INVALID_PARAMETER_VALUE, format!("Stream not found: {arn}"))
}

pub(crate) fn no_such_shard(shard: &str, arn: &str) -> AwsError {
    let message = format!("Requested resource not found: Shard: {shard} in Stream: {arn} not found");
    AwsError::new(&streams::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

/// AWS: what is older than a day can't be asked for by its number.
pub(crate) fn trimmed() -> AwsError {
    let message = "The data you are trying to access has been trimmed";
    AwsError::new(&streams::TRIMMED_DATA_ACCESS_EXCEPTION, message)
}

pub(crate) fn expired_iterator() -> AwsError {
    AwsError::new(&streams::EXPIRED_ITERATOR_EXCEPTION, "The shard iterator has expired")
}

pub(crate) fn no_iterator() -> AwsError {
    validation("Invalid ShardIterator")
}

/// AWS: some limits are said by the service, not by its model.
pub(crate) fn above(value: i32, member: &str, most: i32) -> AwsError {
    validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value \
         less than or equal to {most}"
    ))
}

pub(crate) fn no_such_index(name: &str) -> AwsError {
    validation(format!("The table does not have the specified index: {name}"))
}

pub(crate) fn resource_in_use(message: impl Into<Cow<'static, str>>) -> AwsError {
    AwsError::new(&code::RESOURCE_IN_USE_EXCEPTION, message)
}

pub(crate) fn limit_exceeded(message: impl Into<Cow<'static, str>>) -> AwsError {
    AwsError::new(&code::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) const CONDITION_FAILED: &str = "The conditional request failed";

/// With the item that failed it, if that was asked for.
pub(crate) fn condition_failed(item: Option<&Item>) -> AwsError {
    let err = AwsError::new(&code::CONDITIONAL_CHECK_FAILED_EXCEPTION, CONDITION_FAILED);
    match item {
        Some(item) => err.with("Item", item_to_json(item)),
        None => err,
    }
}

pub(crate) fn token_reused() -> AwsError {
    AwsError::new(
        &code::IDEMPOTENT_PARAMETER_MISMATCH_EXCEPTION,
        "The provided client request token has been used with a different request",
    )
}

/// Why one action of a transaction stopped it; `None`: it didn't.
#[derive(Debug)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) message: Option<String>,
    pub(crate) item: Option<Item>,
}

impl Reason {
    pub(crate) const NONE: Self = Self { code: "None", message: None, item: None };

    pub(crate) fn is_none(&self) -> bool {
        self.message.is_none()
    }

    fn to_json(&self) -> Value {
        let mut out = json!({ "Code": self.code });
        if let Some(fields) = out.as_object_mut() {
            fields.extend(self.message.as_ref().map(|m| ("Message".to_owned(), json!(m))));
            fields.extend(self.item.as_ref().map(|i| ("Item".to_owned(), item_to_json(i))));
        }
        out
    }
}

pub(crate) fn cancelled(reasons: &[Reason]) -> AwsError {
    let codes: Vec<&str> = reasons.iter().map(|r| r.code).collect();
    let codes = codes.join(", ");
    let message = format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]");
    AwsError::new(&code::TRANSACTION_CANCELED_EXCEPTION, message)
        .with("CancellationReasons", reasons.iter().map(Reason::to_json).collect::<Vec<_>>())
}
