//! What becomes of events whose executions come to no good end, and of events that are sent twice.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{DeadLetterConfig, StopDurableExecutionInput, UpdateFunctionConfigurationInput};
use updraft_kernel::ports::{Sender, TargetEvent};
use updraft_kernel::{Arn, UnixMillis};

use super::support::{PENDING, SUCCEEDED, call, event, failed, wait};
use crate::support::{ARN, Platform};

impl Platform {
    async fn dead_letters_go(&self, target: &str) {
        let update = UpdateFunctionConfigurationInput {
            function_name: "f".into(),
            dead_letter_config: Some(DeadLetterConfig { target_arn: Some(target.into()) }),
            ..UpdateFunctionConfigurationInput::default()
        };
        self.lambda.update_function_configuration(&self.cx(), update).await.unwrap();
    }

    /// Each with its error's text.
    fn letters(&self) -> Vec<(String, String)> {
        let said =
            |event: &TargetEvent| event.attributes.iter().find(|one| one.name == "ErrorMessage").unwrap().value.clone();
        let taken = self.things.taken.lock();
        taken.iter().map(|event| (String::from_utf8(event.body.to_vec()).unwrap(), said(event))).collect()
    }
}

#[tokio::test]
async fn the_event_of_a_bad_end_is_a_dead_letter() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            match turn.input() {
                r#""fails""# => failed("E", "no"),
                r#""stays""# => {
                    turn.checkpoint(vec![wait("w", 9_000)]).await;
                    PENDING.into()
                }
                _ => SUCCEEDED.into(),
            }
        })
        .await;
    platform.dead_letters_go("arn:aws:sqs:us-east-1:000000000000:q-there").await;
    platform.start(r#""fine""#).await;
    assert_eq!(platform.letters(), []);
    platform.start(r#""fails""#).await;
    let stopped = platform.start(r#""stays""#).await;
    let stop = StopDurableExecutionInput { durable_execution_arn: stopped, error: None };
    platform.lambda.stop_durable_execution(&platform.cx(), stop).await.unwrap();
    platform.start(r#""stays""#).await;
    platform.pass(600).await;
    let letters: Vec<_> = platform.letters().into_iter().map(|(body, _)| body).collect();
    assert_eq!(letters, [r#""fails""#, r#""stays""#, r#""stays""#]);
    assert_eq!(platform.letters()[0].1, "no");
    assert_eq!(platform.letters()[2].1, "Execution timed out after 600 seconds.");
    platform.stop().await;
}

/// Whoever waited for it knows already.
#[tokio::test]
async fn a_call_that_is_waited_for_has_no_dead_letter() {
    let platform = Platform::new();
    platform.durable(|_| async { failed("E", "no") }).await;
    platform.dead_letters_go("arn:aws:sqs:us-east-1:000000000000:q-there").await;
    let (answer, ()) = tokio::join!(platform.try_start(call("f:$LATEST", "1")), platform.settle());
    assert_eq!(answer.unwrap().function_error.as_deref(), Some("Unhandled"));
    platform.settle().await;
    assert_eq!(platform.letters(), []);
    platform.stop().await;
}

#[tokio::test]
async fn an_event_that_is_sent_twice_starts_one_execution() {
    let platform = Platform::new();
    platform.durable(|_| async { SUCCEEDED.into() }).await;
    let sent = |id: &str| TargetEvent {
        id: id.into(),
        target: Arn::parse(&format!("{ARN}f:$LATEST")).unwrap(),
        sender: Sender::new("lambda.amazonaws.com", Arn::parse(&format!("{ARN}g")).unwrap()),
        body: "1".into(),
        attributes: Vec::new(),
        detail_type: None,
        object_key: None,
        at: UnixMillis(0),
        trace: None,
    };
    for id in ["one", "one", "two"] {
        platform.lambda.event_target().send(sent(id)).await.unwrap();
        platform.settle().await;
    }
    assert_eq!(platform.invocations(), 2);
    platform.stop().await;
}

#[tokio::test]
async fn calls_are_executions_of_their_own_all_the_same() {
    let platform = Platform::new();
    platform.durable(|_| async { SUCCEEDED.into() }).await;
    for _ in 0..2 {
        platform.try_start(event("f:$LATEST", "1")).await.unwrap();
        platform.settle().await;
    }
    assert_eq!(platform.invocations(), 2);
    platform.stop().await;
}
