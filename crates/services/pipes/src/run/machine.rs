//! State machines, as enrichments and as targets: started with the whole batch.

use bytes::Bytes;
use serde_json::{Value, json};
use updraft_api_pipes::types::PipeTargetInvocationType;
use updraft_kernel::ports::ApiCall;
use updraft_kernel::{Arn, AwsError};

use super::Work;
use super::hand::{Handed, reported};

impl Work<'_> {
    /// AWS: an execution is waited for unless it is said not to be, and only express ones can be waited for.
    pub(super) async fn start(&self, machine: &Arn, inputs: Vec<Value>) -> Result<Handed, AwsError> {
        let asked = self.parameters().and_then(|given| given.step_function_state_machine_parameters.as_ref());
        let asked = asked.and_then(|given| given.invocation_type.as_ref());
        if asked == Some(&PipeTargetInvocationType::FireAndForget) {
            self.execute(machine, &inputs, "startExecution").await?;
            return Ok(Handed::Answer(Bytes::new()));
        }
        Ok(self.ended(machine, &inputs).await?.map_or(Handed::Failed, |output| Handed::Answer(reported(output))))
    }

    /// What an express execution comes to; `None`: it failed.
    pub(super) async fn ended(&self, machine: &Arn, inputs: &[Value]) -> Result<Option<Bytes>, AwsError> {
        let answer = self.execute(machine, inputs, "startSyncExecution").await?;
        let member = |name: &str| answer.get(name).and_then(Value::as_str);
        if member("Status") != Some("SUCCEEDED") {
            tracing::debug!(pipe = %self.arn, %machine, "an execution didn't succeed");
            return Ok(None);
        }
        Ok(Some(member("Output").unwrap_or_default().to_owned().into()))
    }

    async fn execute(&self, machine: &Arn, inputs: &[Value], operation: &str) -> Result<Value, AwsError> {
        let input = json!({ "StateMachineArn": machine.to_string(), "Input": Value::from(inputs).to_string() });
        let call = ApiCall { service: "sfn".to_owned(), operation: operation.to_owned(), input };
        self.svc.parts.dispatch.call(&self.cx, call).await
    }
}
