//! Calling any operation of any service by what AWS's SDKs name it: what universal targets of schedules and the SDK
//! integrations of state machines do. Implemented by the gateway, which knows all services.

use std::fmt;

use serde_json::Value;

use crate::error::AwsError;
use crate::{BoxFuture, Ctx};

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiCall {
    /// The service's id in small letters, without spaces: `sqs`, `cloudwatchlogs`, `sfn`.
    pub service: String,
    /// `sendMessage`, or `SendMessage`.
    pub operation: String,
    /// The input's members by their names, which begin with a capital; blobs in base64, moments in ISO 8601.
    pub input: Value,
}

pub trait DispatchPort: Send + Sync + fmt::Debug {
    /// The output in the same form as the input. Whether the context's identity may do it is asked, as of a client's call.
    ///
    /// # Errors
    /// What the operation answers; what a client would be told whose input isn't one; or that there is no such service or
    /// operation here.
    fn call<'a>(&'a self, cx: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Value, AwsError>>;

    /// What is wrong with a value that stands for an operation's output. `whole`: that a required member isn't there is
    /// wrong, too. Nothing is wrong with what there is no such operation for.
    fn misfit(&self, service: &str, operation: &str, output: &Value, whole: bool) -> Option<String> {
        let _unknown = (service, operation, output, whole);
        None
    }
}
