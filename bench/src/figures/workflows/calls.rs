//! Requests for state machines.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::aws;
use crate::platform::Server;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Standard,
    Express,
}

pub(crate) struct Machine {
    arn: String,
}

impl Machine {
    /// # Errors
    /// If it isn't one.
    pub(crate) fn new(server: &Server, name: &str, kind: Kind, definition: &Value) -> Result<Self> {
        let kind = match kind {
            Kind::Standard => "STANDARD",
            Kind::Express => "EXPRESS",
        };
        let role = "arn:aws:iam::000000000000:role/bench";
        let input = json!({ "name": name, "roleArn": role, "type": kind, "definition": definition.to_string() });
        let made = server.call(&aws::states(&server.host(), "CreateStateMachine", &input))?;
        let arn = made.get("stateMachineArn").and_then(Value::as_str).context("no ARN")?;
        Ok(Self { arn: arn.to_owned() })
    }

    /// By the operation of that name; `n`: the how manieth it is.
    pub(crate) fn start(&self, server: &Server, operation: &str, n: usize, input: &Value) -> Bytes {
        let input = json!({ "stateMachineArn": self.arn, "name": format!("e{n}"), "input": input.to_string() });
        aws::states(&server.host(), operation, &input)
    }

    /// How many of its executions are under way, of which one is enough.
    ///
    /// # Errors
    /// If it can't be asked.
    pub(crate) fn running(&self, server: &Server) -> Result<usize> {
        let input = json!({ "stateMachineArn": self.arn, "statusFilter": "RUNNING", "maxResults": 1 });
        let said = server.call(&aws::states(&server.host(), "ListExecutions", &input))?;
        Ok(said.get("executions").and_then(Value::as_array).map_or(0, Vec::len))
    }

    /// # Errors
    /// If an execution has ended otherwise, or none has.
    pub(crate) fn succeeded(&self, server: &Server) -> Result<()> {
        let input = json!({ "stateMachineArn": self.arn });
        let said = server.call(&aws::states(&server.host(), "ListExecutions", &input))?;
        let all = said.get("executions").and_then(Value::as_array).context("no executions")?;
        let fine = |one: &Value| one.get("status").and_then(Value::as_str) == Some("SUCCEEDED");
        ensure!(!all.is_empty() && all.iter().all(fine), "executions ended so: {said}");
        Ok(())
    }
}
