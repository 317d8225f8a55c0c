//! Invocations that fail, find no room, or answer what can't be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::support::{PENDING, SUCCEEDED, wait};
use crate::support::Platform;

#[tokio::test]
async fn an_invocation_that_fails_is_made_again_with_growing_pauses() {
    let platform = Platform::new();
    platform.durable(|turn| async move { if turn.number < 5 { "crash".into() } else { SUCCEEDED.into() } }).await;
    let arn = platform.start("1").await;
    for (seconds, invocations) in [(1, 2), (1, 2), (1, 3), (3, 3), (1, 4), (7, 4), (1, 5)] {
        platform.pass(seconds).await;
        assert_eq!(platform.invocations(), invocations);
    }
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    let events = platform.events(&arn).await;
    let errors: Vec<_> = events
        .iter()
        .filter_map(|event| event.invocation_completed_details.clone())
        .map(|details| details.error.and_then(|error| error.payload?.error_message))
        .collect();
    let died = Some("it died".to_owned());
    assert_eq!(errors, [died.clone(), died.clone(), died.clone(), died, None]);
    platform.stop().await;
}

#[tokio::test]
async fn only_the_time_limit_ends_what_always_fails() {
    let platform = Platform::new();
    platform.durable(|_| async { "crash".into() }).await;
    let arn = platform.start("1").await;
    for _ in 0..599 {
        platform.pass(1).await;
    }
    assert_eq!(platform.status_of(&arn).await, "RUNNING");
    platform.pass(1).await;
    let execution = platform.execution(&arn).await;
    assert_eq!(execution.status.as_str(), "TIMED_OUT");
    let text = execution.error.unwrap().error_message;
    assert_eq!(text.as_deref(), Some("Execution timed out after 600 seconds."));
    let invocations = platform.invocations();
    platform.pass(3_600).await;
    assert_eq!(platform.invocations(), invocations, "nothing runs afterwards");
    platform.stop().await;
}

#[tokio::test]
async fn no_room_costs_nothing() {
    let platform = Platform::new();
    platform.durable(|turn| async move { if turn.number < 4 { "busy".into() } else { SUCCEEDED.into() } }).await;
    let arn = platform.start("1").await;
    for _ in 0..60 {
        platform.pass(1).await;
    }
    assert_eq!(platform.story(&arn).await, ["ExecutionStarted", "InvocationCompleted", "ExecutionSucceeded"]);
    platform.stop().await;
}

#[tokio::test]
async fn what_was_changed_is_told_until_an_invocation_comes_to_a_good_end() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            match turn.number {
                1 => {
                    turn.checkpoint(vec![wait("w", 1), wait("v", 60)]).await;
                    return PENDING.into();
                }
                2 | 3 => assert_eq!(turn.updated(), ["w"]),
                4 => {
                    assert_eq!(turn.updated(), ["w"]);
                    return PENDING.into();
                }
                _ => {
                    assert_eq!(turn.updated(), ["v"]);
                    return SUCCEEDED.into();
                }
            }
            if turn.number == 2 { "crash".into() } else { "busy".into() }
        })
        .await;
    let arn = platform.start("1").await;
    platform.pass(1).await;
    platform.pass(1).await;
    platform.pass(1).await;
    assert_eq!(platform.invocations(), 4);
    platform.pass(60).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}

#[tokio::test]
async fn waiting_for_nothing_is_a_slip_three_times() {
    let platform = Platform::new();
    platform.durable(|_| async { PENDING.into() }).await;
    let arn = platform.start("1").await;
    for _ in 0..10 {
        platform.pass(1).await;
    }
    let execution = platform.execution(&arn).await;
    assert_eq!((execution.status.as_str(), platform.invocations()), ("FAILED", 3));
    let error = execution.error.unwrap();
    assert_eq!(error.error_type.as_deref(), Some("InvalidParameterValueException"));
    assert_eq!(error.error_message.as_deref(), Some("Cannot return PENDING status with no pending operations."));
    platform.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_none_fails_the_execution() {
    for answer in ["[]", "{}", r#"{"Status":"DONE"}"#, r#"{"Status":"FAILED","Result":"1"}"#] {
        let platform = Platform::new();
        platform.durable(move |_| async move { answer.into() }).await;
        let arn = platform.start("1").await;
        let execution = platform.execution(&arn).await;
        assert_eq!((execution.status.as_str(), platform.invocations()), ("FAILED", 1), "{answer}");
        assert_eq!(execution.error.unwrap().error_type.as_deref(), Some("InvalidParameterValueException"));
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_result_has_its_size() {
    for (size, status) in [((1 << 20) - 2, "SUCCEEDED"), ((1 << 20) - 1, "FAILED")] {
        let platform = Platform::new();
        platform.durable(move |_| async move { super::support::succeeded(&format!("\"{}\"", "x".repeat(size))) }).await;
        let arn = platform.start("1").await;
        assert_eq!(platform.status_of(&arn).await, status);
        platform.stop().await;
    }
}

/// Whatever the worker was in the middle of is begun again by the one that comes after it.
#[tokio::test]
async fn an_invocation_that_died_with_its_worker_is_begun_again() {
    let platform = Platform::new();
    let alive = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&alive);
    platform
        .durable(move |turn| {
            let alive = Arc::clone(&counted);
            async move {
                if alive.fetch_add(1, Ordering::SeqCst) == 0 {
                    turn.checkpoint(vec![wait("w", 1)]).await;
                    std::future::pending::<()>().await;
                }
                let (stale, updates) = (turn.token(), vec![wait("v", 1)]);
                assert_eq!(turn.status("w"), "STARTED");
                turn.checkpoint_by(&stale, None, updates).await.unwrap();
                PENDING.into()
            }
        })
        .await;
    let event = super::support::event("f:$LATEST", "1");
    let arn = platform.try_start(event).await.unwrap().durable_execution_arn.unwrap();
    while alive.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let platform = platform.die_and_start().await;
    platform.settle().await;
    assert_eq!(alive.load(Ordering::SeqCst), 2);
    assert_eq!(platform.status_of(&arn).await, "RUNNING");
    assert_eq!(platform.story(&arn).await[1..], ["WaitStarted", "WaitStarted", "InvocationCompleted"]);
    platform.stop().await;
}
