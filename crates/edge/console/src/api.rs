//! Operations, called as their caller.

use std::sync::Arc;

use serde_json::Value;
use updraft_kernel::ports::{ApiCall, DispatchPort};
use updraft_kernel::{AwsError, Ctx};

use crate::trace::Known;

/// Calls operations of an account and region.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) cx: Ctx,
    pub(crate) dispatch: Arc<dyn DispatchPort>,
    pub(crate) known: Arc<Known>,
}

/// Why there is nothing to show: for a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) status: u16,
    /// AWS's code, or a few words.
    pub(crate) what: String,
    pub(crate) message: String,
}

impl Trouble {
    pub(crate) fn new(status: u16, what: &str, message: impl Into<String>) -> Self {
        Self { status, what: what.to_owned(), message: message.into() }
    }

    pub(crate) fn nothing_here() -> Self {
        Self::new(404, "Nothing here", "There is no such page.")
    }
}

impl From<&AwsError> for Trouble {
    fn from(error: &AwsError) -> Self {
        let code = error.code();
        if code.status == 500 {
            tracing::error!(?error, "a page could not be made");
        }
        // What isn't there is no page; all else is told as it is.
        let gone = ["DoesNotExist", "NotFound"].iter().any(|word| code.name.contains(word));
        let status = if gone { 404 } else { code.status };
        Self { status, what: code.name.to_owned(), message: error.message().to_owned() }
    }
}

impl Api {
    pub(crate) async fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value, Trouble> {
        let call = ApiCall { service: service.to_owned(), operation: operation.to_owned(), input };
        self.dispatch.call(&self.cx, call).await.map_err(|error| Trouble::from(&error))
    }

    /// Of Step Functions.
    pub(crate) async fn sfn(&self, operation: &str, input: Value) -> Result<Value, Trouble> {
        self.call("sfn", operation, input).await
    }
}

/// A member that is text; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member that is a list; empty where there is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
