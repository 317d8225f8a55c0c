//! Answers in pieces: what holds for every runtime that can stream.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use updraft_kernel::ports::{FunctionSpec, RunOutcome, RunnerPort, Streamed};

use super::{Case, Sample, World};
use crate::failure::STREAM_LIMIT;

/// Each is a sentence.
pub(super) fn cases() -> Vec<Case> {
    vec![
        ("pieces_come_while_the_function_still_runs", |w| Box::pin(early(w))),
        ("a_function_that_fails_in_the_middle_says_so_at_the_end", |w| Box::pin(fails(w))),
        ("a_process_that_exits_in_the_middle_of_its_answer_is_reported", |w| Box::pin(exits(w))),
        ("an_answer_that_takes_too_long_is_cut_off", |w| Box::pin(hangs(w))),
        ("a_function_runs_on_when_its_caller_hangs_up", |w| Box::pin(hung_up(w))),
        ("a_function_waits_for_a_slow_caller", |w| Box::pin(waits(w))),
        ("a_stream_has_a_limit", |w| Box::pin(limit(w))),
        ("a_function_that_does_not_stream_answers_in_one_piece", |w| Box::pin(whole(w))),
        ("a_call_that_never_began_has_no_pieces", |w| Box::pin(never(w))),
    ]
}

fn spec(world: &World) -> FunctionSpec {
    FunctionSpec { memory_mb: 512, ..world.sample(Sample::Stream) }
}

/// What comes, as one text, and how it ended.
async fn rest(answer: Streamed) -> (String, RunOutcome) {
    let pieces: Vec<_> = answer.pieces.collect().await;
    (String::from_utf8(pieces.concat()).expect("text"), answer.ended.await)
}

fn error(outcome: &RunOutcome) -> (String, String) {
    assert!(outcome.error.is_some(), "{outcome:?}");
    let error: Value = serde_json::from_slice(&outcome.payload).expect("an error as JSON");
    let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("errorType"), text("errorMessage"))
}

async fn early(world: &World) {
    let spec = spec(world);
    for cold in [true, false] {
        let mut answer = world.stream(&spec, r#""ok""#).await;
        assert_eq!(answer.pieces.next().await.expect("a piece"), r#"["one","#);
        let began = world.clock.monotonic();
        let (text, outcome) = rest(answer).await;
        assert!(world.clock.monotonic() - began >= Duration::from_millis(300), "the first piece came late");
        assert_eq!(text, r#""two"]"#);
        assert!(outcome.error.is_none() && outcome.payload.is_empty(), "{outcome:?}");
        assert_eq!(outcome.cold_start, cold);
        assert!(outcome.usage.duration >= Duration::from_millis(300), "{outcome:?}");
        let tail = String::from_utf8(outcome.log_tail.unwrap_or_default().to_vec()).expect("text");
        assert!(tail.starts_with("START RequestId: ") && tail.contains("\nREPORT RequestId: "), "{tail}");
    }
}

async fn fails(world: &World) {
    let spec = spec(world);
    let (text, outcome) = rest(world.stream(&spec, r#""fail""#).await).await;
    assert_eq!(text, r#"["one","#);
    assert_eq!(error(&outcome).1, "in the middle");
    let (text, outcome) = rest(world.stream(&spec, r#""ok""#).await).await;
    assert!(outcome.error.is_none() && !outcome.cold_start, "its instance is as good as before: {outcome:?}");
    assert_eq!(text, r#"["one","two"]"#);
}

async fn exits(world: &World) {
    let spec = spec(world);
    let (text, outcome) = rest(world.stream(&spec, r#""exit""#).await).await;
    assert_eq!(text, r#"["one","#);
    let (kind, message) = error(&outcome);
    assert_eq!(kind, "Runtime.ExitError");
    assert!(message.ends_with("Runtime exited with error: exit status 1"), "{message}");
    assert!(rest(world.stream(&spec, r#""ok""#).await).await.1.cold_start);
}

async fn hangs(world: &World) {
    let spec = FunctionSpec { timeout: Duration::from_secs(2), ..spec(world) };
    let (text, outcome) = rest(world.stream(&spec, r#""hang""#).await).await;
    assert_eq!(text, r#"["one","#);
    let (kind, message) = error(&outcome);
    assert_eq!(kind, "Sandbox.Timedout");
    assert!(message.ends_with("Task timed out after 2.00 seconds"), "{message}");
}

async fn hung_up(world: &World) {
    let spec = spec(world);
    let mut answer = world.stream(&spec, r#""long""#).await;
    assert!(answer.pieces.next().await.is_some());
    drop(answer);
    world.logged(|line| line.contains("the end of it")).await;
    world.logged(|line| line.starts_with("REPORT RequestId: ") && !line.contains("Status:")).await;
    assert!(!rest(world.stream(&spec, r#""ok""#).await).await.1.cold_start, "the instance serves on");
}

async fn waits(world: &World) {
    let spec = FunctionSpec { timeout: Duration::from_mins(2), ..spec(world) };
    let mut answer = world.stream(&spec, r#""flood""#).await;
    assert!(answer.pieces.next().await.is_some());
    world.clock.pause(Duration::from_millis(500)).await;
    let said = |line: &str| line.contains("sent 64 MB");
    assert!(!world.logs.messages().iter().any(|line| said(line)), "nobody has taken that much");
    let mut taken = 0;
    while taken < 100 << 20 {
        taken += answer.pieces.next().await.expect("more").len();
    }
    world.logged(said).await;
}

async fn limit(world: &World) {
    let spec = FunctionSpec { timeout: Duration::from_mins(2), ..spec(world) };
    let mut answer = world.stream(&spec, r#""flood""#).await;
    let mut taken = 0;
    while let Some(piece) = answer.pieces.next().await {
        taken += piece.len();
    }
    assert!(taken <= STREAM_LIMIT && taken > STREAM_LIMIT - (1 << 20), "{taken}");
    let message = "Response payload size exceeded maximum allowed payload size (209715200 bytes).";
    let outcome = answer.ended.await;
    assert_eq!(error(&outcome), ("Function.ResponseSizeTooLarge".to_owned(), message.to_owned()));
}

async fn whole(world: &World) {
    let answer = world.stream(&world.sample(Sample::Echo), "17").await;
    assert_eq!(answer.content_type, "application/json");
    let (text, outcome) = rest(answer).await;
    assert_eq!(text, "17");
    assert!(outcome.error.is_none());
}

async fn never(world: &World) {
    let (text, outcome) = rest(world.stream(&world.sample(Sample::ExitOne), "{}").await).await;
    assert_eq!(text, "");
    assert_eq!(error(&outcome).0, "Runtime.ExitError");
}

impl World {
    /// Calls a function for an answer in pieces. It must be run.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn stream(&self, spec: &FunctionSpec, event: &str) -> Streamed {
        let answer = self.exec.stream(&Arc::new(spec.clone()), self.invocation(spec, event)).await;
        answer.unwrap_or_else(|refusal| panic!("refused: {refusal}"))
    }
}
