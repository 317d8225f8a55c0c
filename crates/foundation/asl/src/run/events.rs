//! Events of the history.

use serde_json::{Map, Value, json};

/// An event, as `GetExecutionHistory` gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: u64,
    pub previous: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// `TaskStateEntered` and so on.
    pub name: String,
    /// Members of the details: JSON texts are strings, as the wire has them.
    pub details: Option<Value>,
}

impl Event {
    /// The name of the member that the details are in: `taskFailedEventDetails`.
    pub fn member(&self) -> String {
        let name = match self.name.as_str() {
            name if name.ends_with("StateEntered") => "stateEntered",
            name if name.ends_with("StateExited") => "stateExited",
            name => name,
        };
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        first.into_iter().chain(letters).chain("EventDetails".chars()).collect()
    }
}

/// `error` and `cause`, as far as there are any.
pub(super) fn failed(error: Option<&String>, cause: Option<&String>) -> Value {
    let mut details = Map::new();
    details.extend(error.map(|error| ("error".to_owned(), json!(error))));
    details.extend(cause.map(|cause| ("cause".to_owned(), json!(cause))));
    Value::Object(details)
}

/// A JSON text with its details.
pub(super) fn text(member: &str, value: &Value) -> Map<String, Value> {
    written(member, value.to_string())
}

/// The same of one that is a text already.
pub(super) fn written(member: &str, text: String) -> Map<String, Value> {
    let details = json!({ "truncated": false });
    Map::from_iter([(member.to_owned(), Value::String(text)), (format!("{member}Details"), details)])
}
