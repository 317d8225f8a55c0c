//! Steps, waits and contexts.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use updraft_api_lambda::types::{
    ContextOptions, ErrorObject, OperationAction as Action, OperationType as Type, OperationUpdate,
};

use super::support::{PENDING, SUCCEEDED, event, payload, retry, succeeded, update, wait, within};
use crate::support::Platform;

#[tokio::test]
async fn what_a_step_came_to_is_there_at_the_next_invocation() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            if turn.number == 1 {
                let begun = turn.checkpoint(vec![update("s", Type::Step, Action::Start)]).await;
                let details = begun[0].step_details.as_ref().unwrap();
                assert_eq!((begun[0].status.as_str(), details.attempt), ("STARTED", Some(0)));
                let done = turn.checkpoint(vec![payload("7", update("s", Type::Step, Action::Succeed))]).await;
                assert_eq!(done[0].step_details.as_ref().unwrap().result.as_deref(), Some("7"));
                turn.checkpoint(vec![wait("w", 5)]).await;
                return PENDING.into();
            }
            let step = turn.operation("s").unwrap();
            assert_eq!(
                (step["Status"].as_str(), step["StepDetails"]["Attempt"].as_u64()),
                (Some("SUCCEEDED"), Some(1))
            );
            assert!(step["EndTimestamp"].is_i64() && step["StartTimestamp"].is_i64());
            assert_eq!(turn.updated(), ["w"]);
            succeeded(step["StepDetails"]["Result"].as_str().unwrap())
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("RUNNING", 1));
    platform.pass_millis(4_999).await;
    assert_eq!(platform.invocations(), 1, "one millisecond early");
    platform.pass_millis(1).await;
    assert_eq!(platform.execution(&arn).await.result.as_deref(), Some("7"));
    assert_eq!(platform.invocations(), 2);
    platform.stop().await;
}

#[tokio::test]
async fn a_wait_of_a_year_costs_nothing_and_ends() {
    let platform = Platform::new();
    platform
        .durable_as("f", 31_622_400, |turn| async move {
            if turn.number == 1 {
                turn.checkpoint(vec![wait("w", 31_536_000)]).await;
                return PENDING.into();
            }
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    platform.pass(31_535_999).await;
    assert_eq!(platform.invocations(), 1);
    platform.pass(1).await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("SUCCEEDED", 2));
    platform.stop().await;
}

#[tokio::test]
async fn a_step_is_tried_again_after_the_pause_it_asks_for() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let error = Some(ErrorObject { error_type: Some("E".into()), ..ErrorObject::default() });
            let again = OperationUpdate { error, ..retry("s", 10) };
            match turn.number {
                1 => {
                    turn.checkpoint(vec![update("s", Type::Step, Action::Start)]).await;
                    let told = turn.checkpoint(vec![again]).await;
                    let details = told[0].step_details.clone().unwrap();
                    assert_eq!((told[0].status.as_str(), details.attempt), ("PENDING", Some(1)));
                    let next = details.next_attempt_timestamp.unwrap().0 - told[0].start_timestamp.0;
                    assert_eq!((next, details.error.unwrap().error_type.as_deref()), (10_000, Some("E")));
                }
                2 => {
                    assert_eq!((turn.status("s"), turn.updated()), ("READY", vec!["s"]));
                    let details = &turn.operation("s").unwrap()["StepDetails"];
                    assert!(details["NextAttemptTimestamp"].is_null() && details["Attempt"] == 1);
                    turn.checkpoint(vec![update("s", Type::Step, Action::Start)]).await;
                    turn.checkpoint(vec![again]).await;
                }
                _ => {
                    turn.checkpoint(vec![update("s", Type::Step, Action::Start)]).await;
                    let done = turn.checkpoint(vec![payload("3", update("s", Type::Step, Action::Succeed))]).await;
                    let details = done[0].step_details.clone().unwrap();
                    assert_eq!((details.attempt, details.error), (Some(3), None));
                    return SUCCEEDED.into();
                }
            }
            PENDING.into()
        })
        .await;
    let arn = platform.start("1").await;
    for (seconds, invocations) in [(9, 1), (1, 2), (9, 2), (1, 3)] {
        platform.pass(seconds).await;
        assert_eq!(platform.invocations(), invocations, "after {seconds} more seconds");
    }
    let events = platform.events(&arn).await;
    let retries: Vec<_> = events
        .iter()
        .filter_map(|event| Some(event.step_failed_details.as_ref()?.retry_details.clone()))
        .map(|details| (details.current_attempt, details.next_attempt_delay_seconds))
        .collect();
    assert_eq!(retries, [(Some(1), Some(10)), (Some(2), Some(10))]);
    let done = events.iter().find_map(|event| event.step_succeeded_details.as_ref()).unwrap();
    assert_eq!((done.retry_details.current_attempt, done.retry_details.next_attempt_delay_seconds), (Some(3), None));
    platform.stop().await;
}

#[tokio::test]
async fn a_condition_is_waited_for_with_its_state_kept() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let step = turn.operation("c").map(|step| step["StepDetails"]["Result"].clone());
            let seen: u32 = step.and_then(|state| state.as_str()?.parse().ok()).unwrap_or(0);
            turn.checkpoint(vec![update("c", Type::Step, Action::Start)]).await;
            if seen == 2 {
                turn.checkpoint(vec![payload("2", update("c", Type::Step, Action::Succeed))]).await;
                return succeeded("2");
            }
            let next = turn.checkpoint(vec![payload(&(seen + 1).to_string(), retry("c", 5))]).await;
            assert_eq!(next[0].status.as_str(), "PENDING");
            PENDING.into()
        })
        .await;
    let arn = platform.start("1").await;
    platform.pass(5).await;
    platform.pass(5).await;
    assert_eq!(platform.execution(&arn).await.result.as_deref(), Some("2"));
    // AWS: an attempt without an error counts as a success in the history.
    let story = platform.story(&arn).await;
    assert_eq!(story.iter().filter(|kind| *kind == "StepSucceeded").count(), 3);
    platform.stop().await;
}

/// Branches side by side: one is over while another one waits.
#[tokio::test]
async fn a_parallel_goes_on_branch_by_branch() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let context = |id: &str, action| update(id, Type::Context, action);
            if turn.number == 1 {
                turn.checkpoint(vec![
                    context("p", Action::Start),
                    within("p", context("p1", Action::Start)),
                    within("p", context("p2", Action::Start)),
                    within("p1", wait("w1", 10)),
                    within("p2", wait("w2", 20)),
                ])
                .await;
                return PENDING.into();
            }
            for (branch, wait) in [("p1", "w1"), ("p2", "w2")] {
                if turn.status(wait) == "SUCCEEDED" && turn.status(branch) == "STARTED" {
                    turn.checkpoint(vec![within("p", payload("1", context(branch, Action::Succeed)))]).await;
                    if branch == "p2" {
                        turn.checkpoint(vec![payload("[1,1]", context("p", Action::Succeed))]).await;
                        return succeeded("[1,1]");
                    }
                }
            }
            PENDING.into()
        })
        .await;
    let arn = platform.start("1").await;
    platform.pass(10).await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("RUNNING", 2));
    platform.pass(10).await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("SUCCEEDED", 3));
    platform.stop().await;
}

#[tokio::test]
async fn what_is_in_a_context_that_is_over_is_shown_only_if_it_will_be_needed() {
    for replays in [false, true] {
        let platform = Platform::new();
        platform
            .durable(move |turn| async move {
                if turn.number == 1 {
                    let context = |action| update("c", Type::Context, action);
                    let step = |action| within("c", update("s", Type::Step, action));
                    let inner = within("c", update("cc", Type::Context, Action::Start));
                    let deep = within("cc", update("ss", Type::Step, Action::Start));
                    turn.checkpoint(vec![context(Action::Start), step(Action::Start), inner, deep]).await;
                    let context_options = Some(ContextOptions { replay_children: Some(replays) });
                    turn.checkpoint(vec![
                        OperationUpdate { context_options, ..context(Action::Succeed) },
                        wait("w", 1),
                    ])
                    .await;
                    return PENDING.into();
                }
                let context = turn.operation("c").unwrap();
                assert_eq!(context["ContextDetails"]["ReplayChildren"], replays);
                let there = ["s", "cc", "ss", "w"].map(|id| turn.operation(id).is_some());
                assert_eq!(there, [replays, replays, replays, true]);
                SUCCEEDED.into()
            })
            .await;
        let arn = platform.start("1").await;
        platform.pass(1).await;
        assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_wait_that_ends_while_the_function_is_at_work_is_told_at_its_next_checkpoint() {
    let platform = Platform::new();
    let (at_work, over) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begun, ended) = (Arc::clone(&at_work), Arc::clone(&over));
    platform
        .durable(move |turn| {
            let (begun, ended) = (Arc::clone(&begun), Arc::clone(&ended));
            async move {
                turn.checkpoint(vec![wait("w", 1)]).await;
                begun.notify_one();
                ended.notified().await;
                let told = turn.checkpoint(vec![]).await;
                assert_eq!((told[0].id.as_str(), told[0].status.as_str()), ("w", "SUCCEEDED"));
                assert!(turn.checkpoint(vec![]).await.is_empty(), "told once");
                SUCCEEDED.into()
            }
        })
        .await;
    let arn = platform.try_start(event("f:$LATEST", "1")).await.unwrap().durable_execution_arn.unwrap();
    at_work.notified().await;
    platform.world.clock.advance(Duration::from_secs(1));
    platform.fire().await;
    over.notify_one();
    platform.settle().await;
    assert_eq!((platform.status_of(&arn).await.as_str(), platform.invocations()), ("SUCCEEDED", 1));
    platform.stop().await;
}

#[tokio::test]
async fn a_wait_can_be_cancelled() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            turn.checkpoint(vec![wait("w", 60)]).await;
            let told = turn.checkpoint(vec![update("w", Type::Wait, Action::Cancel)]).await;
            assert_eq!((told[0].status.as_str(), told[0].end_timestamp.is_some()), ("CANCELLED", true));
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!(platform.story(&arn).await[1..3], ["WaitStarted", "WaitCancelled"]);
    platform.pass(60).await;
    assert_eq!(platform.story(&arn).await.len(), 5);
    platform.stop().await;
}
