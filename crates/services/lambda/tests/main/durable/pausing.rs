//! Pausing and resuming.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{PauseDurableExecutionInput, ResumeDurableExecutionInput};
use updraft_kernel::AwsError;

use super::support::{PENDING, SUCCEEDED, wait};
use crate::support::{Platform, check, refused};

fn pause(arn: &str) -> PauseDurableExecutionInput {
    PauseDurableExecutionInput {
        durable_execution_arn: arn.into(),
        reason: Some("why".into()),
        ..PauseDurableExecutionInput::default()
    }
}

impl Platform {
    async fn pause(&self, input: PauseDurableExecutionInput) -> Result<(), AwsError> {
        self.lambda.pause_durable_execution(&self.cx(), input).await.map(drop)
    }

    async fn resume(&self, arn: &str, token: Option<&str>) -> Result<(), AwsError> {
        let input = ResumeDurableExecutionInput {
            durable_execution_arn: arn.into(),
            client_token: token.map(str::to_owned),
            reason: None,
        };
        self.lambda.resume_durable_execution(&self.cx(), input).await.map(drop)
    }

    async fn resting(&self) -> String {
        self.durable(|turn| async move {
            if turn.number == 1 {
                turn.checkpoint(vec![wait("w", 60)]).await;
                return PENDING.into();
            }
            SUCCEEDED.into()
        })
        .await;
        self.start("1").await
    }
}

#[tokio::test]
async fn a_paused_execution_waits_on_and_runs_nothing() {
    let platform = Platform::new();
    let arn = platform.resting().await;
    platform.pause(pause(&arn)).await.unwrap();
    let details = platform.execution(&arn).await.pause_details.unwrap();
    assert_eq!((details.reason.as_deref(), details.execution_timeout_paused), (Some("why"), true));
    platform.pass(60).await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("PAUSED", 1));
    platform.resume(&arn, None).await.unwrap();
    platform.settle().await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("SUCCEEDED", 2));
    let story = platform.story(&arn).await;
    assert_eq!(story[3..6], ["ExecutionPaused", "WaitSucceeded", "ExecutionResumed"]);
    platform.stop().await;
}

#[tokio::test]
async fn resuming_before_anything_has_happened_invokes_nothing() {
    let platform = Platform::new();
    let arn = platform.resting().await;
    platform.pause(pause(&arn)).await.unwrap();
    platform.resume(&arn, None).await.unwrap();
    platform.settle().await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("RUNNING", 1));
    platform.pass(60).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}

#[tokio::test]
async fn a_function_at_work_gets_to_its_next_checkpoint() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            if turn.number == 1 {
                turn.lambda().pause_durable_execution(turn.cx(), pause(turn.arn())).await.unwrap();
                let token = turn.token();
                let told = turn.try_checkpoint(vec![wait("w", 1)]).await.unwrap();
                assert_eq!((told.checkpoint_token, told.new_execution_state.operations), (None, Some(Vec::new())));
                let refusal = turn.checkpoint_by(&token, None, vec![]).await;
                check(refusal, "InvalidParameterValueException", "Invalid checkpoint token");
                return PENDING.into();
            }
            assert_eq!(turn.status("w"), "SUCCEEDED", "what it said was kept");
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!(platform.status_of(&arn).await, "PAUSED");
    platform.pass(5).await;
    assert_eq!(platform.invocations(), 1);
    platform.resume(&arn, None).await.unwrap();
    platform.settle().await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("SUCCEEDED", 2));
    platform.stop().await;
}

#[tokio::test]
async fn a_pause_that_finds_no_checkpoint_any_more_changes_nothing_about_the_end() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            turn.lambda().pause_durable_execution(turn.cx(), pause(turn.arn())).await.unwrap();
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}

#[tokio::test]
async fn a_pause_stops_the_time_limit_unless_it_says_otherwise() {
    for (stops, after, status) in [(true, 599, "RUNNING"), (false, 599, "TIMED_OUT")] {
        let platform = Platform::new();
        platform
            .durable(|turn| async move {
                if turn.number == 1 {
                    turn.checkpoint(vec![wait("w", 5_000)]).await;
                }
                PENDING.into()
            })
            .await;
        let arn = platform.start("1").await;
        let began = platform.cx().now().0;
        let input = PauseDurableExecutionInput { execution_timeout_paused: Some(stops), ..pause(&arn) };
        platform.pause(input).await.unwrap();
        let expected = platform.execution(&arn).await.expected_execution_timeout_timestamp.unwrap().0 - began;
        assert_eq!(expected, if stops { 366 * 86_400_000 } else { 600_000 });
        platform.pass(100).await;
        platform.resume(&arn, None).await.unwrap();
        platform.pass(after).await;
        assert_eq!(platform.status_of(&arn).await, status);
        platform.pass(1).await;
        assert_eq!(platform.status_of(&arn).await, "TIMED_OUT");
        platform.stop().await;
    }
}

#[tokio::test]
async fn only_what_runs_is_paused_and_only_what_is_paused_resumed() {
    let platform = Platform::new();
    let arn = platform.resting().await;
    let conflict = "ResourceConflictException";
    check(platform.resume(&arn, None).await, conflict, "The execution can't be resumed: its status is RUNNING.");
    let again = PauseDurableExecutionInput { client_token: Some("t".into()), ..pause(&arn) };
    platform.pause(again.clone()).await.unwrap();
    platform.pause(again.clone()).await.unwrap();
    check(platform.pause(pause(&arn)).await, conflict, "The execution can't be paused: its status is PAUSED.");
    let other = PauseDurableExecutionInput { reason: None, ..again.clone() };
    assert_eq!(refused(platform.pause(other).await).0, conflict);
    platform.resume(&arn, Some("r")).await.unwrap();
    platform.resume(&arn, Some("r")).await.unwrap();
    platform.pass(900).await;
    assert_eq!(refused(platform.resume(&arn, Some("r")).await).0, conflict, "15 minutes later it is another request");
    assert_eq!(refused(platform.pause(pause(&arn)).await).0, conflict);
    platform.stop().await;
}
