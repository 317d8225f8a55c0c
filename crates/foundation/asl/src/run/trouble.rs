//! What goes wrong while fields are evaluated.

use serde_json::{Value, json};

/// Why a state can't go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// `States.Runtime`, `States.QueryEvaluationError` and so on.
    pub error: &'static str,
    /// Behind "An error occurred while executing the state …".
    pub cause: String,
    /// Which field it is about, where an event tells of it.
    pub location: Option<String>,
    /// Whether an event tells of it: `EvaluationFailed`.
    pub evaluated: bool,
}

impl Trouble {
    pub(crate) const fn runtime(cause: String) -> Self {
        Self { error: "States.Runtime", cause, location: None, evaluated: false }
    }

    pub(crate) fn query(cause: String, location: impl Into<String>) -> Self {
        let location = Some(location.into());
        Self { error: "States.QueryEvaluationError", cause, location, evaluated: true }
    }

    pub(super) fn whole(&self, state: &str, entered: u64) -> String {
        let beginning =
            format!("An error occurred while executing the state '{state}' (entered at the event id #{entered}).");
        format!("{beginning} {}", self.cause)
    }

    pub(super) fn details(&self, state: &str, cause: &str) -> Value {
        let mut details = json!({ "cause": cause, "error": self.error, "state": state });
        if let (Some(location), Some(details)) = (&self.location, details.as_object_mut()) {
            details.insert("location".to_owned(), json!(location));
        }
        details
    }
}
