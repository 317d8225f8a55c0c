//! The history: AWS's shapes, its order, its pages.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    Event, GetDurableExecutionHistoryInput, GetDurableExecutionHistoryOutput, GetDurableExecutionInput,
    OperationAction as Action, OperationType as Type, OperationUpdate,
};

use super::support::{PENDING, payload, succeeded, update, wait, within};
use crate::support::Platform;

impl Platform {
    async fn history(&self, input: GetDurableExecutionHistoryInput) -> GetDurableExecutionHistoryOutput {
        self.lambda.get_durable_execution_history(&self.cx(), input).await.unwrap()
    }

    /// A context with a step in it, and a wait.
    async fn told(&self) -> String {
        self.durable(|turn| async move {
            if turn.number == 1 {
                let sub_type = Some("RunInChildContext".to_owned());
                let context = OperationUpdate {
                    sub_type,
                    name: Some("group".into()),
                    ..update("c", Type::Context, Action::Start)
                };
                let step = within("c", update("s", Type::Step, Action::Start));
                turn.checkpoint(vec![context, step]).await;
                let done = within("c", payload("1", update("s", Type::Step, Action::Succeed)));
                turn.checkpoint(vec![done, update("c", Type::Context, Action::Succeed), wait("w", 3)]).await;
                return PENDING.into();
            }
            succeeded("5")
        })
        .await;
        let arn = self.start(r#"{"a":1}"#).await;
        self.pass(3).await;
        arn
    }
}

fn number(event: &Event) -> i32 {
    event.event_id.unwrap()
}

#[tokio::test]
async fn it_is_told_as_aws_tells_it() {
    let platform = Platform::new();
    let arn = platform.told().await;
    let events = platform.events(&arn).await;
    let id = arn.rsplit('/').next().unwrap();
    assert_eq!(events.iter().map(number).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    let kinds: Vec<_> = events.iter().map(|event| event.event_type.as_ref().unwrap().as_str()).collect();
    assert_eq!(
        kinds,
        [
            "ExecutionStarted",
            "ContextStarted",
            "StepStarted",
            "StepSucceeded",
            "ContextSucceeded",
            "WaitStarted",
            "InvocationCompleted",
            "WaitSucceeded",
            "InvocationCompleted",
            "ExecutionSucceeded"
        ]
    );
    let started = events[0].execution_started_details.clone().unwrap();
    assert_eq!((started.input.payload.as_deref(), started.input.truncated), (Some(r#"{"a":1}"#), Some(false)));
    assert_eq!(started.execution_timeout, 600);
    assert_eq!((events[0].id.as_deref(), events[0].parent_id.as_deref()), (Some(id), None));
    assert_eq!(events[0].name.as_deref(), arn.rsplit('/').nth(1));
    assert_eq!((events[1].sub_type.as_deref(), events[1].name.as_deref()), (Some("RunInChildContext"), Some("group")));
    assert_eq!((events[3].id.as_deref(), events[3].parent_id.as_deref()), (Some("s"), Some("c")));
    let step = events[3].step_succeeded_details.clone().unwrap();
    assert_eq!((step.result.payload.as_deref(), step.retry_details.current_attempt), (Some("1"), Some(1)));
    let context = events[4].context_succeeded_details.clone().unwrap().result;
    assert_eq!((context.payload, context.truncated), (None, Some(false)));
    let wait = events[5].wait_started_details.clone().unwrap();
    let until = wait.scheduled_end_timestamp.0 - events[5].event_timestamp.unwrap().0;
    assert_eq!((wait.duration, until), (3, 3_000));
    let invocation = events[6].invocation_completed_details.clone().unwrap();
    assert_eq!(invocation.request_id, platform.runner.calls.lock()[0].1.request_id);
    assert_eq!((invocation.error, events[6].id.clone()), (None, None));
    assert_eq!(events[9].execution_succeeded_details.clone().unwrap().result.payload.as_deref(), Some("5"));
    platform.stop().await;
}

#[tokio::test]
async fn it_can_be_told_without_what_it_is_about() {
    let platform = Platform::new();
    let arn = platform.told().await;
    let input = GetDurableExecutionHistoryInput {
        durable_execution_arn: arn.clone(),
        include_execution_data: Some(false),
        ..GetDurableExecutionHistoryInput::default()
    };
    let events = platform.history(input).await.events;
    let started = events[0].execution_started_details.clone().unwrap();
    assert_eq!((started.input.payload, started.input.truncated), (None, Some(true)));
    let step = events[3].step_succeeded_details.clone().unwrap();
    assert_eq!((step.result.payload, step.result.truncated), (None, Some(true)));
    let input = GetDurableExecutionInput { durable_execution_arn: arn, include_execution_data: Some(false) };
    let execution = platform.lambda.get_durable_execution(&platform.cx(), input).await.unwrap();
    assert_eq!(
        (execution.input_payload, execution.result, execution.execution_data_included),
        (None, None, Some(false))
    );
    platform.stop().await;
}

#[tokio::test]
async fn it_has_pages_in_both_directions() {
    let platform = Platform::new();
    let arn = platform.told().await;
    for latest_first in [false, true] {
        let (mut numbers, mut marker) = (Vec::new(), None);
        loop {
            let page = platform
                .history(GetDurableExecutionHistoryInput {
                    durable_execution_arn: arn.clone(),
                    max_items: Some(4),
                    reverse_order: Some(latest_first),
                    marker,
                    ..GetDurableExecutionHistoryInput::default()
                })
                .await;
            assert!(page.events.len() <= 4 && !page.events.is_empty());
            numbers.extend(page.events.iter().map(number));
            marker = page.next_marker;
            if marker.is_none() {
                break;
            }
        }
        let expected: Vec<i32> = if latest_first { (1..=10).rev().collect() } else { (1..=10).collect() };
        assert_eq!(numbers, expected);
    }
    platform.stop().await;
}
