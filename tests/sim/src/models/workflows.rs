//! Executions: each that was accepted ends as it should, with a history that tells of each step once, whatever died meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use updraft_api_states::StepFunctions as _;
use updraft_api_states::types::{
    CreateStateMachineInput, DescribeExecutionInput, ExecutionStatus, GetExecutionHistoryInput, HistoryEvent,
    HistoryEventType, StartExecutionInput,
};
use updraft_kernel::{AwsError, BoxFuture};

use super::outside::Outside;
use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

const NAME: &str = "steps";
/// Of the map.
const ITEMS: u64 = 3;

/// Starts executions.
pub(super) struct Workflows {
    sent: Sent,
    outside: Arc<Outside>,
}

/// A task that fails now and then, and a wait, beside a map of such tasks; then the odd ones fail.
fn definition() -> Value {
    let again = json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 60, "BackoffRate": 1 }]);
    let task = |part: &str, more: Value| {
        let arguments = json!({ "N.$": "$.n", "Part.$": part });
        let mut task = json!({ "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:simulated:work",
            "Parameters": arguments, "Retry": again });
        if let (Some(task), Value::Object(more)) = (task.as_object_mut(), more) {
            task.extend(more);
        }
        task
    };
    let wait = json!({ "Type": "Wait", "Seconds": 2, "End": true });
    let first = json!({ "StartAt": "One", "States": { "One": task("$.n", json!({ "Next": "Rest" })), "Rest": wait } });
    let each = json!({ "StartAt": "Each", "States": { "Each": task("$.part", json!({ "End": true })) } });
    let parts: Vec<String> = (0..ITEMS).map(|part| (100 + part).to_string()).collect();
    let map = json!({ "Type": "Map", "End": true, "MaxConcurrency": 2, "ItemsPath": "$.parts", "ItemProcessor": each,
        "ItemSelector": { "n.$": "$.n", "part.$": "$$.Map.Item.Value" } });
    let parts = json!({ "Type": "Pass", "Result": parts, "ResultPath": "$.parts", "Next": "Map" });
    let second = json!({ "StartAt": "Parts", "States": { "Parts": parts, "Map": map } });
    let odd = json!([{ "Variable": "$.odd", "BooleanEquals": true, "Next": "Failed" }]);
    json!({ "StartAt": "Both", "States": {
        "Both": { "Type": "Parallel", "Branches": [first, second], "ResultPath": "$.both", "Next": "Odd" },
        "Odd": { "Type": "Choice", "Choices": odd, "Default": "Done" },
        "Done": { "Type": "Succeed" },
        "Failed": { "Type": "Fail", "Error": "Odd" },
    } })
}

fn parts(number: u64) -> Vec<String> {
    std::iter::once(number.to_string()).chain((0..ITEMS).map(|part| (100 + part).to_string())).collect()
}

fn arn(kind: &str, rest: &str) -> String {
    format!("arn:aws:states:us-east-1:000000000000:{kind}:{NAME}{rest}")
}

async fn make(node: &Node) -> Result<(), AwsError> {
    let input = CreateStateMachineInput {
        name: NAME.into(),
        role_arn: "arn:aws:iam::000000000000:role/r".into(),
        definition: definition().to_string(),
        ..CreateStateMachineInput::default()
    };
    node.states.create_state_machine(&node.cx(), input).await.map(drop)
}

impl Model for Workflows {
    fn name(&self) -> &'static str {
        "workflows"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(err) = make(node).await {
                node.journal.wrong(format_args!("the state machine can't be made: {err:?}"));
            }
        })
    }

    fn step<'a>(&'a self, Step { node, .. }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let number = self.sent.next();
            let input = StartExecutionInput {
                state_machine_arn: arn("stateMachine", ""),
                name: Some(format!("e{number}")),
                input: Some(json!({ "n": number.to_string(), "odd": is_odd(number) }).to_string()),
                ..StartExecutionInput::default()
            };
            let known = match node.states.start_execution(&node.cx(), input).await {
                Ok(_) => Known::Acknowledged,
                Err(err) if err.is_conflict() => Known::Refused,
                Err(err) if err.code().status == 503 => Known::Sent,
                Err(err) => return node.journal.wrong(format_args!("execution {number} on {}: {err:?}", node.name)),
            };
            self.sent.now(number, known);
            node.journal.note(format_args!("execution {number} on {}: {known:?}", node.name));
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some(node) = world.node(0) else { return };
            for (number, known) in self.sent.all() {
                if let Err(why) = self.look(&node, number, known).await {
                    world.journal.wrong(format_args!("execution {number} ({known:?}): {why}"));
                }
            }
        })
    }
}

fn is_odd(number: u64) -> bool {
    !number.is_multiple_of(2)
}

impl Workflows {
    pub(super) fn new(outside: Arc<Outside>) -> Self {
        Self { sent: Sent::default(), outside }
    }

    async fn look(&self, node: &Node, number: u64, known: Known) -> Result<(), String> {
        let execution_arn = arn("execution", &format!(":e{number}"));
        let asked = DescribeExecutionInput { execution_arn: execution_arn.clone(), ..Default::default() };
        let called = self.outside.called(&number.to_string());
        let said = match node.states.describe_execution(&node.cx(), asked).await {
            Ok(said) => said,
            Err(err) if err.code().name != "ExecutionDoesNotExist" => return Err(format!("{err:?}")),
            Err(_) if known == Known::Acknowledged => return Err("isn't there".to_owned()),
            Err(_) if called.is_empty() => return Ok(()),
            Err(_) => return Err(format!("isn't there, and has called {called:?}")),
        };
        let status = if is_odd(number) { ExecutionStatus::Failed } else { ExecutionStatus::Succeeded };
        if known == Known::Refused || said.status != status {
            return Err(format!("is {:?}", said.status));
        }
        let wanted: BTreeSet<String> = parts(number).into_iter().collect();
        if called != wanted {
            return Err(format!("has called {called:?}"));
        }
        let input = GetExecutionHistoryInput { execution_arn, max_results: Some(1_000), ..Default::default() };
        let told = node.states.get_execution_history(&node.cx(), input).await.map_err(|err| format!("{err:?}"))?;
        history(&told.events)?;
        if is_odd(number) { Ok(()) } else { output(said.output.as_deref(), number) }
    }
}

/// Each step once, in the order of their numbers, each after the one that it follows.
fn history(events: &[HistoryEvent]) -> Result<(), String> {
    let in_order = events.iter().zip(1..).all(|(event, id)| event.id == id && event.previous_event_id < Some(id));
    let count = |kind: &HistoryEventType| events.iter().filter(|event| event.r#type == *kind).count();
    let once = [
        (HistoryEventType::TaskSucceeded, 1 + ITEMS),
        (HistoryEventType::MapIterationSucceeded, ITEMS),
        (HistoryEventType::WaitStateExited, 1),
        (HistoryEventType::ParallelStateSucceeded, 1),
        (HistoryEventType::ChoiceStateExited, 1),
    ];
    let wrong = once.iter().find(|(kind, times)| u64::try_from(count(kind)).ok() != Some(*times));
    // What was scheduled has ended in one way.
    let asked = count(&HistoryEventType::TaskScheduled);
    let ended = count(&HistoryEventType::TaskSucceeded) + count(&HistoryEventType::TaskFailed);
    match wrong {
        Some((kind, times)) => Err(format!("{kind:?} isn't there {times} times")),
        None if !in_order => Err("its events aren't in order".to_owned()),
        None if asked != ended => Err(format!("{asked} tasks were scheduled, and {ended} ended")),
        None => Ok(()),
    }
}

fn output(output: Option<&str>, number: u64) -> Result<(), String> {
    let said: Value = serde_json::from_str(output.unwrap_or_default()).map_err(|err| err.to_string())?;
    let mut parts = parts(number).into_iter().map(|part| json!({ "Did": part }));
    let wanted = json!([parts.next(), parts.collect::<Vec<_>>()]);
    if said.get("both") == Some(&wanted) { Ok(()) } else { Err(format!("has said {said}")) }
}
