//! Checkpoint tokens: each is good once, and a repetition is told what it was told.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::GetDurableExecutionStateInput;

use super::support::{PENDING, SUCCEEDED, wait};
use crate::support::{Platform, check};

const REFUSED: (&str, &str) = ("InvalidParameterValueException", "Invalid checkpoint token");

#[tokio::test]
async fn a_token_is_good_once() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let first = turn.token();
            turn.checkpoint(vec![wait("a", 60)]).await;
            check(turn.checkpoint_by(&first, None, vec![wait("b", 60)]).await, REFUSED.0, REFUSED.1);
            check(turn.checkpoint_by("AAAA", None, vec![]).await, REFUSED.0, REFUSED.1);
            let second = turn.token();
            turn.checkpoint(vec![]).await;
            check(turn.checkpoint_by(&second, None, vec![]).await, REFUSED.0, REFUSED.1);
            turn.checkpoint(vec![wait("c", 60)]).await;
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!(platform.story(&arn).await[1..3], ["WaitStarted", "WaitStarted"]);
    platform.stop().await;
}

#[tokio::test]
async fn a_token_is_good_for_one_invocation() {
    let platform = Platform::new();
    let kept = std::sync::Arc::new(parking_lot::Mutex::new(String::new()));
    let given = std::sync::Arc::clone(&kept);
    platform
        .durable(move |turn| {
            let kept = std::sync::Arc::clone(&given);
            async move {
                if turn.number == 1 {
                    turn.checkpoint(vec![wait("w", 1)]).await;
                    *kept.lock() = turn.token();
                    return PENDING.into();
                }
                let old = kept.lock().clone();
                check(turn.checkpoint_by(&old, None, vec![]).await, REFUSED.0, REFUSED.1);
                turn.checkpoint(vec![]).await;
                SUCCEEDED.into()
            }
        })
        .await;
    let arn = platform.start("1").await;
    platform.pass(1).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    let state = GetDurableExecutionStateInput {
        durable_execution_arn: arn.clone(),
        checkpoint_token: kept.lock().clone(),
        ..GetDurableExecutionStateInput::default()
    };
    check(platform.lambda.get_durable_execution_state(&platform.cx(), state).await, REFUSED.0, REFUSED.1);
    platform.stop().await;
}

#[tokio::test]
async fn a_client_that_asks_again_is_told_the_same_and_nothing_happens_twice() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let token = turn.token();
            let ask = || turn.checkpoint_by(&token, Some("mine"), vec![wait("w", 60)]);
            let first = ask().await.unwrap();
            assert_eq!(ask().await.unwrap(), first);
            turn.clock.advance(std::time::Duration::from_millis(899_999));
            assert_eq!(ask().await.unwrap().checkpoint_token, first.checkpoint_token);
            turn.clock.advance(std::time::Duration::from_millis(1));
            check(ask().await, REFUSED.0, REFUSED.1);
            check(turn.checkpoint_by(&token, Some("other"), vec![]).await, REFUSED.0, REFUSED.1);
            let next = first.checkpoint_token.unwrap();
            turn.checkpoint_by(&next, Some("next"), vec![]).await.unwrap();
            check(turn.checkpoint_by(&token, Some("mine"), vec![]).await, REFUSED.0, REFUSED.1);
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.try_start(super::support::event("f:$LATEST", "1")).await.unwrap().durable_execution_arn.unwrap();
    platform.work().await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    let story = platform.story(&arn).await;
    assert_eq!(story.iter().filter(|kind| *kind == "WaitStarted").count(), 1);
    platform.stop().await;
}

#[tokio::test]
async fn a_checkpoint_that_is_refused_changes_nothing() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let token = turn.token();
            let twice = vec![wait("a", 60), wait("a", 60)];
            let text = "Cannot checkpoint multiple operations with the same ID.";
            check(turn.try_checkpoint(twice).await, REFUSED.0, text);
            let orphan = vec![wait("a", 60), super::support::within("nobody", wait("b", 60))];
            check(turn.try_checkpoint(orphan).await, REFUSED.0, "Invalid parent operation id.");
            assert_eq!(turn.token(), token, "which is good still");
            turn.checkpoint(vec![wait("a", 60)]).await;
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    let story = platform.story(&arn).await;
    assert_eq!(story, ["ExecutionStarted", "WaitStarted", "InvocationCompleted", "ExecutionSucceeded"]);
    platform.stop().await;
}
