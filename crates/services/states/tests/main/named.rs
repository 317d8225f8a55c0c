//! State machines under test, with members called as clients have them.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_kernel::AwsError;

use crate::support::{self, ROLE};

pub(crate) struct Cloud(support::Cloud);

impl std::ops::Deref for Cloud {
    type Target = support::Cloud;

    fn deref(&self) -> &support::Cloud {
        &self.0
    }
}

impl Cloud {
    pub(crate) async fn new() -> Self {
        Self(support::Cloud::new().await)
    }

    pub(crate) async fn advance(&self, by: Duration) {
        self.0.advance(by.as_secs()).await;
    }

    pub(crate) async fn call(&self, op: &str, input: Value) -> Result<Value, AwsError> {
        let answer = self.0.call(op, renamed(input, |first| first.to_ascii_uppercase())).await;
        answer.map(|answer| renamed(answer, |first| first.to_ascii_lowercase()))
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap()
    }

    /// `Code: message`.
    pub(crate) async fn refused(&self, op: &str, input: Value) -> String {
        self.call(op, input).await.unwrap_err().to_string()
    }

    /// Makes a state machine, said otherwise by `more`; its ARN.
    pub(crate) async fn machine(&self, name: &str, definition: &Value, more: Value) -> String {
        let made = self.ok("CreateStateMachine", made(name, definition, more)).await;
        made["stateMachineArn"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn describe(&self, execution: &str) -> Value {
        self.ok("DescribeExecution", json!({"executionArn": execution})).await
    }
}

/// The input of `CreateStateMachine`.
pub(crate) fn made(name: &str, definition: &Value, more: Value) -> Value {
    let mut input = json!({"name": name, "roleArn": ROLE, "definition": definition.to_string()});
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    input
}

/// A definition of one state.
pub(crate) fn only(state: &Value) -> Value {
    json!({"StartAt": "A", "States": {"A": state}})
}

/// A definition whose executions end with that.
pub(crate) fn gives(result: &Value) -> Value {
    only(&json!({"Type": "Pass", "Result": result, "End": true}))
}

/// With the first letters of all members' names changed.
fn renamed(value: Value, first: fn(char) -> char) -> Value {
    match value {
        Value::Object(members) => {
            let renamed = members.into_iter().map(|(name, value)| {
                let mut letters = name.chars();
                let name = letters.next().map(first).into_iter().chain(letters).collect();
                (name, renamed(value, first))
            });
            Value::Object(renamed.collect())
        }
        Value::Array(items) => items.into_iter().map(|item| renamed(item, first)).collect(),
        other => other,
    }
}
