//! How executions end from outside: stopped, too late, deleted, no longer kept.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    DeleteDurableExecutionInput, DeleteDurableExecutionOutput, ErrorObject, OperationAction as Action,
    OperationType as Type, StopDurableExecutionInput, StopDurableExecutionOutput,
};
use updraft_kernel::AwsError;

use super::support::{PENDING, SUCCEEDED, payload, update, wait};
use crate::support::{Platform, check, refused};

impl Platform {
    async fn stop_execution(
        &self,
        arn: &str,
        error: Option<ErrorObject>,
    ) -> Result<StopDurableExecutionOutput, AwsError> {
        let input = StopDurableExecutionInput { durable_execution_arn: arn.into(), error };
        self.lambda.stop_durable_execution(&self.cx(), input).await
    }

    async fn delete_execution(&self, arn: &str) -> Result<DeleteDurableExecutionOutput, AwsError> {
        let input = DeleteDurableExecutionInput { durable_execution_arn: arn.into() };
        self.lambda.delete_durable_execution(&self.cx(), input).await
    }

    async fn waiting(&self) -> String {
        self.durable(|turn| async move {
            if turn.number == 1 {
                turn.checkpoint(vec![wait("w", 60), wait("v", 90)]).await;
                return PENDING.into();
            }
            SUCCEEDED.into()
        })
        .await;
        self.start("1").await
    }
}

#[tokio::test]
async fn a_stop_ends_it_for_good() {
    let platform = Platform::new();
    let arn = platform.waiting().await;
    let error = ErrorObject { error_message: Some("enough".into()), ..ErrorObject::default() };
    let stopped = platform.stop_execution(&arn, Some(error)).await.unwrap().stop_timestamp;
    platform.pass(100).await;
    let execution = platform.execution(&arn).await;
    assert_eq!((execution.status.as_str(), execution.end_timestamp), ("STOPPED", Some(stopped)));
    assert_eq!(execution.error.unwrap().error_message.as_deref(), Some("enough"));
    assert_eq!(platform.invocations(), 1);
    assert_eq!(platform.story(&arn).await.last().map(String::as_str), Some("ExecutionStopped"));
    let again = platform.stop_execution(&arn, None).await.unwrap();
    assert_eq!(again.stop_timestamp, stopped, "what has ended was stopped then");
    platform.stop().await;
}

#[tokio::test]
async fn a_function_at_work_learns_of_a_stop_at_its_next_checkpoint() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let input = StopDurableExecutionInput { durable_execution_arn: turn.arn().into(), error: None };
            turn.lambda().stop_durable_execution(turn.cx(), input).await.unwrap();
            let refusal = turn.try_checkpoint(vec![wait("w", 1)]).await;
            check(refusal, "InvalidParameterValueException", "Invalid checkpoint token");
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!(platform.status_of(&arn).await, "STOPPED");
    assert_eq!(platform.story(&arn).await, ["ExecutionStarted", "ExecutionStopped", "InvocationCompleted"]);
    platform.stop().await;
}

#[tokio::test]
async fn an_execution_may_end_by_a_checkpoint() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let end = payload("\"large\"", update("end", Type::Execution, Action::Succeed));
            let told = turn.try_checkpoint(vec![end]).await.unwrap();
            assert_eq!(told.checkpoint_token, None);
            r#"{"Status":"SUCCEEDED","Result":""}"#.into()
        })
        .await;
    let arn = platform.start("1").await;
    let execution = platform.execution(&arn).await;
    assert_eq!((execution.status.as_str(), execution.result.as_deref()), ("SUCCEEDED", Some("\"large\"")));
    assert_eq!(platform.story(&arn).await, ["ExecutionStarted", "ExecutionSucceeded", "InvocationCompleted"]);
    platform.stop().await;
}

#[tokio::test]
async fn too_many_operations_end_it() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            for batch in 0..30 {
                let waits = (0..100).map(|nth| wait(&format!("w{batch}-{nth}"), 600)).collect();
                turn.checkpoint(waits).await;
            }
            let told = turn.try_checkpoint(vec![wait("one-more", 600)]).await.unwrap();
            assert_eq!((told.checkpoint_token, told.new_execution_state.operations), (None, Some(Vec::new())));
            PENDING.into()
        })
        .await;
    let arn = platform.start("1").await;
    let execution = platform.execution(&arn).await;
    assert_eq!(execution.status.as_str(), "FAILED");
    let text = execution.error.unwrap().error_message.unwrap();
    assert_eq!(text, "The execution exceeded the maximum of 3000 operations.");
    platform.stop().await;
}

#[tokio::test]
async fn it_is_kept_for_as_long_as_its_function_says_and_then_leaves_nothing() {
    let platform = Platform::new();
    let before = platform.rows().await;
    let arn = platform.waiting().await;
    platform.pass(60).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.pass(86_399).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.pass(1).await;
    let (code, text) = refused(platform.try_execution(&arn).await);
    assert_eq!((code, text), ("ResourceNotFoundException", format!("Durable execution not found: {arn}")));
    // The function itself: its two rows and the mark of its code.
    assert_eq!(platform.rows().await, before + 3);
    platform.stop().await;
}

#[tokio::test]
async fn it_is_deleted_when_it_has_ended_and_not_before() {
    let platform = Platform::new();
    let before = platform.rows().await;
    let arn = platform.waiting().await;
    let (code, text) = refused(platform.delete_execution(&arn).await);
    assert_eq!((code, &*text), ("ResourceConflictException", "The execution can't be deleted: its status is RUNNING."));
    platform.stop_execution(&arn, None).await.unwrap();
    let asked = platform.delete_execution(&arn).await.unwrap();
    platform.settle().await;
    assert_eq!(asked.deletion_request_timestamp, platform.cx().now());
    assert_eq!(refused(platform.try_execution(&arn).await).0, "ResourceNotFoundException");
    assert_eq!(refused(platform.delete_execution(&arn).await).0, "ResourceNotFoundException");
    assert_eq!(platform.rows().await, before + 3);
    platform.pass(86_400).await;
    platform.stop().await;
}

#[tokio::test]
async fn what_isnt_there_isnt_found() {
    let platform = Platform::new();
    let arn = platform.waiting().await;
    let last = arn.rsplit('/').next().unwrap();
    for other in [arn.replace(last, "00000000-0000-4000-8000-000000000000"), arn.replace("function:f", "function:g")] {
        assert_eq!(refused(platform.try_execution(&other).await).0, "ResourceNotFoundException");
    }
    let foreign = arn.replace("000000000000", "111111111111");
    assert_eq!(refused(platform.try_execution(&foreign).await).0, "AccessDeniedException");
    let far = arn.replace("us-east-1", "eu-west-1");
    assert_eq!(refused(platform.try_execution(&far).await).0, "ResourceNotFoundException");
    platform.stop().await;
}
