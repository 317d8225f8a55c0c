//! The cases that hold for every runtime.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::ports::{FunctionSpec, RunnerPort};

use super::{Case, Outcome, Sample, World, scaling, streams};

/// Each is a sentence.
#[must_use]
pub fn common() -> Vec<Case> {
    let mut all: Vec<Case> = vec![
        ("a_function_answers_cold_and_then_warm", |w| Box::pin(answers(w))),
        ("an_instance_is_reused_and_two_calls_at_once_need_two", |w| Box::pin(reuse(w))),
        ("a_burst_is_answered_by_few_instances", |w| Box::pin(burst(w))),
        ("a_new_revision_gets_new_instances", |w| Box::pin(revision(w))),
        ("a_limit_on_instances_throttles", |w| Box::pin(throttles(w))),
        ("a_call_that_takes_too_long_is_ended", |w| Box::pin(timeout(w))),
        ("a_process_that_exits_in_the_middle_is_reported", |w| Box::pin(exits(w))),
        ("a_process_that_ended_starts_again_in_its_environment", |w| Box::pin(goes_on(w))),
        ("a_process_that_takes_too_much_memory_is_killed", |w| Box::pin(memory(w))),
        ("a_flood_of_output_neither_blocks_nor_is_kept", |w| Box::pin(flood(w))),
        ("an_answer_that_is_too_large_is_refused", |w| Box::pin(large(w))),
        ("a_process_left_behind_disturbs_nobody", |w| Box::pin(daemon(w))),
        ("what_is_printed_is_framed_as_aws_does", |w| Box::pin(prints(w))),
        ("the_environment_is_awss", |w| Box::pin(environment(w))),
        ("a_frozen_instance_answers_again", |w| Box::pin(freezes(w))),
        ("instances_started_ahead_are_ready_for_the_first_calls", |w| Box::pin(provisioned(w))),
        ("instances_that_cannot_be_started_ahead_say_why", |w| Box::pin(unprovisioned(w))),
    ];
    all.extend(scaling::cases());
    all.extend(streams::cases());
    all
}

fn error(outcome: &Outcome) -> (String, String) {
    assert!(outcome.failed, "{outcome:?}");
    let text = |key: &str| outcome.value.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    (text("errorType"), text("errorMessage"))
}

async fn answers(world: &World) {
    let echo = world.sample(Sample::Echo);
    let first = world.call(&echo, r#"{"n":1,"ü":"ä"}"#).await;
    assert!(!first.failed, "{first:?}");
    assert_eq!(first.value.to_string(), r#"{"n":1,"ü":"ä"}"#);
    let second = world.call(&echo, "[2]").await;
    assert_eq!(second.value.to_string(), "[2]");
    assert!(first.cold && !second.cold);
    assert!(first.tail.contains("\tInit Duration: ") && !second.tail.contains("Init Duration"), "{}", second.tail);
}

async fn reuse(world: &World) {
    let token = world.sample(Sample::SlowToken);
    let (a, b) = tokio::join!(world.call(&token, "{}"), world.call(&token, "{}"));
    assert_ne!(a.value, b.value, "two at once share no instance");
    let again = world.call(&token, "{}").await;
    assert!(again.value == a.value || again.value == b.value, "the third call found an idle one");
    assert!(!again.cold);
}

async fn burst(world: &World) {
    let token = world.sample(Sample::Token);
    let calls = (0..40).map(|_| world.call(&token, "{}"));
    let answers = futures_util::future::join_all(calls).await;
    let used: std::collections::BTreeSet<String> = answers.iter().map(|a| a.value.to_string()).collect();
    assert!(answers.iter().all(|answer| !answer.failed));
    assert!(used.len() < 40, "each call had an instance of its own");
}

async fn revision(world: &World) {
    let mut token = world.sample(Sample::Token);
    let first = world.call(&token, "{}").await;
    "2".clone_into(&mut token.revision);
    let second = world.call(&token, "{}").await;
    assert_ne!(first.value, second.value);
}

async fn throttles(world: &World) {
    let mut token = world.sample(Sample::SlowToken);
    token.max_instances = Some(1);
    let (a, b) = tokio::join!(world.try_call(&token, "{}"), world.try_call(&token, "{}"));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
}

async fn timeout(world: &World) {
    let mut hang = world.sample(Sample::Hang);
    hang.timeout = Duration::from_secs(1);
    let outcome = world.call(&hang, "{}").await;
    let message = format!("RequestId: {} Error: Task timed out after 1.00 seconds", outcome.request_id);
    assert_eq!(error(&outcome), ("Sandbox.Timedout".to_owned(), message));
    assert!(outcome.tail.contains(" Task timed out after 1.00 seconds\n"), "{}", outcome.tail);
    assert!(outcome.tail.contains("Status: timeout\n"), "{}", outcome.tail);
    let again = world.call(&hang, "{}").await;
    assert!(again.cold, "the instance that hung is gone");
}

/// The same log stream, without a word of the second start.
async fn goes_on(world: &World) {
    let exit = world.sample(Sample::ExitOne);
    for first in [true, false, false] {
        let outcome = world.call(&exit, "{}").await;
        assert!(outcome.failed && outcome.cold, "{outcome:?}");
        assert_eq!(outcome.tail.contains("Init Duration"), first, "{}", outcome.tail);
    }
}

async fn exits(world: &World) {
    for (sample, how) in [
        (Sample::ExitOne, "Runtime exited with error: exit status 1"),
        (Sample::ExitZero, "Runtime exited without providing a reason"),
    ] {
        let outcome = world.call(&world.sample(sample), "{}").await;
        let message = format!("RequestId: {} Error: {how}", outcome.request_id);
        assert_eq!(error(&outcome), ("Runtime.ExitError".to_owned(), message.clone()));
        assert!(outcome.tail.contains(&format!("{message}\nRuntime.ExitError\n")), "{}", outcome.tail);
    }
}

async fn memory(world: &World) {
    let (mut greedy, echo) = (world.sample(Sample::Memory), world.sample(Sample::Echo));
    greedy.memory_mb = 128;
    world.call(&echo, "1").await;
    let outcome = world.call(&greedy, "{}").await;
    let message = format!("RequestId: {} Error: Runtime exited with error: signal: killed", outcome.request_id);
    assert_eq!(error(&outcome), ("Runtime.ExitError".to_owned(), message));
    assert!(!world.call(&echo, "1").await.cold, "its neighbour is undisturbed");
}

async fn flood(world: &World) {
    let mut spec = world.sample(Sample::Flood);
    spec.timeout = Duration::from_mins(1);
    spec.memory_mb = 1769;
    let outcome = world.call(&spec, "{}").await;
    assert!(!outcome.failed, "{outcome:?}");
    assert!(outcome.tail.len() <= 4096 && outcome.tail.contains("the end\n"), "{}", outcome.tail);
    world.logged(|line| line.contains("bytes of output were dropped")).await;
    let kept: usize = world.logs.messages().iter().map(String::len).sum();
    assert!(kept < 5 << 20, "{kept} bytes were kept");
}

async fn large(world: &World) {
    let mut spec = world.sample(Sample::Large);
    spec.memory_mb = 512;
    let outcome = world.call(&spec, "{}").await;
    let message = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    assert_eq!(error(&outcome), ("Function.ResponseSizeTooLarge".to_owned(), message.to_owned()));
}

async fn daemon(world: &World) {
    let spec = world.sample(Sample::Daemon);
    for _ in 0..3 {
        assert!(!world.call(&spec, "{}").await.failed);
    }
}

async fn prints(world: &World) {
    let mut spec = world.sample(Sample::Print);
    spec.memory_mb = 300;
    let outcome = world.call(&spec, "{}").await;
    let id = &outcome.request_id;
    let lines: Vec<&str> = outcome.tail.lines().collect();
    let [start, printed, end, report] = lines.as_slice() else { panic!("{lines:#?}") };
    assert_eq!(*start, format!("START RequestId: {id} Version: $LATEST"));
    assert!(printed.ends_with("hello from the log"), "{printed}");
    assert_eq!(*end, format!("END RequestId: {id}"));
    assert!(report.starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{report}");
    assert!(report.contains(" ms\tMemory Size: 300 MB\tMax Memory Used: "), "{report}");
    world.logged(|line| line.starts_with("INIT_START Runtime Version: ")).await;
    world.logged(|line| line.contains("hello from the log")).await;
}

async fn environment(world: &World) {
    let mut spec = world.sample(Sample::Environment);
    spec.environment.insert("OWN".to_owned(), "väl=ue".to_owned());
    let outcome = world.call(&spec, "{}").await;
    let read = |name: &str| outcome.value.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    assert_eq!(read("OWN"), "väl=ue");
    assert_eq!(read("AWS_LAMBDA_FUNCTION_NAME"), spec.name);
    assert_eq!(read("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), "256");
    assert_eq!(read("AWS_REGION"), "us-east-1");
    assert_eq!(read("AWS_ENDPOINT_URL"), "http://127.0.0.1:4566");
    assert_eq!(read("LAMBDA_TASK_ROOT"), "/var/task");
    assert_eq!(read("AWS_SESSION_TOKEN"), "token");
    assert!(read("AWS_LAMBDA_LOG_STREAM_NAME").contains("/[$LATEST]"));
    assert_eq!(read("HOME"), "", "nothing of the host's environment comes in");
}

async fn provisioned(world: &World) {
    let token = Arc::new(world.sample(Sample::SlowToken));
    world.exec.provision(&token, 2);
    world.until("two instances", || world.exec.provisioned(&token).available == 2).await;
    let (a, b) = tokio::join!(world.call(&token, "{}"), world.call(&token, "{}"));
    assert_ne!(a.value, b.value);
    assert!(!a.cold && !b.cold, "{a:?} {b:?}");
    assert!(a.usage.provisioned && a.usage.init.is_none(), "{:?}", a.usage);
    assert_eq!((a.usage.concurrency.provisioned, a.usage.concurrency.account), (2, 1), "{:?}", a.usage);
    let told = world.exec.provisioned(&token);
    assert_eq!((told.requested, told.allocated, told.failed), (2, 2, None));
    let environment = Arc::new(world.sample(Sample::Environment));
    world.exec.provision(&environment, 1);
    world.until("an instance", || world.exec.provisioned(&environment).available == 1).await;
    let told = world.call(&environment, "{}").await.value;
    assert_eq!(told.get("AWS_LAMBDA_INITIALIZATION_TYPE"), Some(&"provisioned-concurrency".into()));
    // One that dies is replaced; those that aren't wanted any more are instances like all others.
    let exit = Arc::new(world.sample(Sample::ExitOne));
    world.exec.provision(&exit, 1);
    world.until("an instance", || world.exec.provisioned(&exit).available == 1).await;
    assert!(world.call(&exit, "{}").await.failed);
    world.until("another instance", || world.exec.provisioned(&exit).available == 1).await;
    world.exec.provision(&exit, 0);
    assert_eq!(world.exec.provisioned(&exit).allocated, 0);
}

async fn unprovisioned(world: &World) {
    let broken = Arc::new(FunctionSpec { handler: "nothing.like-that".to_owned(), ..world.sample(Sample::Echo) });
    if broken.runtime.starts_with("provided") {
        // Its bootstrap doesn't care for handlers.
        return;
    }
    world.exec.provision(&broken, 1);
    world.until("a failure", || world.exec.provisioned(&broken).failed.is_some()).await;
    let told = world.exec.provisioned(&broken);
    assert_eq!((told.allocated, told.failed.as_deref()), (0, Some("FUNCTION_ERROR_INIT_FAILURE")));
}

async fn freezes(world: &World) {
    let token = world.sample(Sample::Token);
    let first = world.call(&token, "{}").await;
    world.clock.pause(Duration::from_millis(100)).await;
    let second = world.call(&token, "{}").await;
    assert_eq!(first.value, second.value);
}
