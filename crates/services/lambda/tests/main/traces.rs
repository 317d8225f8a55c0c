//! Traces that calls pass on, and loops that they show.

use std::sync::Arc;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, DeadLetterConfig, InvocationType, InvokeInput, InvokeOutput,
    PutFunctionEventInvokeConfigInput, PutFunctionRecursionConfigInput, RecursiveLoop,
};
use updraft_kernel::{AwsError, Ctx};

use crate::destinations::{QUEUE, put, to};
use crate::support::{ARN, Platform, check, input, outcome};

const IN_A_LOOP: &str = "Lambda has detected your function being invoked in a recursive loop with other Amazon Web \
                         Services resources and stopped your function's invocation.";

impl Platform {
    async fn traced(&self, name: &str, kind: InvocationType, trace: Option<String>) -> Result<InvokeOutput, AwsError> {
        let cx = Ctx { trace: trace.map(Arc::from), ..self.cx() };
        let input = InvokeInput { function_name: name.into(), invocation_type: Some(kind), ..InvokeInput::default() };
        let answer = self.lambda.invoke(&cx, input).await;
        self.settle().await;
        answer
    }

    /// The trace of the last call, as its function got it.
    fn last_trace(&self) -> Option<String> {
        self.runner.calls.lock().last().unwrap().1.trace_header.clone()
    }

    fn calls(&self) -> usize {
        self.runner.calls.lock().len()
    }

    async fn allow(&self, recursive_loop: RecursiveLoop) {
        let input = PutFunctionRecursionConfigInput { function_name: "f".into(), recursive_loop };
        self.lambda.put_function_recursion_config(&self.cx(), input).await.unwrap();
    }
}

#[tokio::test]
async fn a_call_has_a_trace_and_passes_its_callers_on() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.create("g").await;
    let sync = || InvocationType::RequestResponse;
    platform.traced("f", sync(), None).await.unwrap();
    let own = platform.last_trace().unwrap();
    assert!(own.starts_with("Root=1-") && own.contains(";Parent=") && own.ends_with(":0"), "{own}");
    platform.traced("f", sync(), None).await.unwrap();
    assert_ne!(platform.last_trace().unwrap(), own);

    platform.traced("g", sync(), Some("Root=1-2-3;Sampled=1".into())).await.unwrap();
    let through = platform.last_trace().unwrap();
    assert!(through.starts_with("Root=1-2-3;Sampled=1;Lineage=1:"), "{through}");
    platform.traced("f", InvocationType::Event, Some(through.clone())).await.unwrap();
    let both = platform.last_trace().unwrap();
    assert!(both.starts_with(&through) && both.matches(':').count() == 4, "{both}");
    platform.stop().await;
}

#[tokio::test]
async fn a_call_that_comes_by_too_often_is_refused() {
    let platform = Platform::new();
    platform.create("f").await;
    let mut trace = None;
    for _ in 0..16 {
        platform.traced("f", InvocationType::RequestResponse, trace).await.unwrap();
        trace = platform.last_trace();
    }
    let again = || platform.traced("f", InvocationType::RequestResponse, trace.clone());
    check(again().await, "RecursiveInvocationException", IN_A_LOOP);
    assert_eq!(platform.calls(), 16);
    assert_eq!(platform.metrics.values("RecursiveInvocationsDropped", "FunctionName=f"), [1.0]);
    // Others in the chain are not in the loop.
    platform.create("g").await;
    platform.traced("g", InvocationType::RequestResponse, trace.clone()).await.unwrap();

    platform.allow(RecursiveLoop::Allow).await;
    again().await.unwrap();
    platform.allow(RecursiveLoop::Terminate).await;
    check(again().await, "RecursiveInvocationException", IN_A_LOOP);
    platform.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_by_too_often_is_dropped_and_told_of() {
    let platform = Platform::new();
    let dead_letter = Some(DeadLetterConfig { target_arn: Some("arn:aws:sns:us-east-1:000000000000:t-there".into()) });
    let made = CreateFunctionInput { dead_letter_config: dead_letter, ..input("f") };
    platform.lambda.create_function(&platform.cx(), made).await.unwrap();
    let settings = PutFunctionEventInvokeConfigInput { destination_config: to(None, Some(QUEUE)), ..put("f") };
    platform.put(settings).await.unwrap();
    let mut trace = None;
    for _ in 0..16 {
        platform.traced("f", InvocationType::Event, trace).await.unwrap();
        trace = platform.last_trace();
    }
    assert!(platform.things.taken.lock().is_empty());
    platform.traced("f", InvocationType::Event, trace).await.unwrap();
    assert_eq!(platform.calls(), 16);
    let record = String::from_utf8(platform.letter("sqs").body.to_vec()).unwrap();
    assert!(record.contains(r#""condition":"RecursiveInvocation""#), "{record}");
    let letter = platform.letter("sns");
    let values: Vec<_> = letter.attributes.iter().skip(1).map(|one| one.value.as_str()).collect();
    assert_eq!(values, ["400", IN_A_LOOP]);
    assert_eq!(platform.metrics.values("RecursiveInvocationsDropped", "FunctionName=f"), [1.0]);
    assert_eq!(platform.metrics.values("AsyncEventsDropped", "FunctionName=f"), [1.0]);
    platform.stop().await;
}

#[tokio::test]
async fn destinations_are_part_of_the_chain() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.create("g").await;
    for (from, target) in [("f", "g"), ("g", "f")] {
        let target = format!("{ARN}{target}");
        let settings = PutFunctionEventInvokeConfigInput { destination_config: to(Some(&target), None), ..put(from) };
        platform.put(settings).await.unwrap();
    }
    // An answer that echoes the record before would be twice as large each time.
    (0..64).for_each(|_| platform.runner.plan(Ok(outcome("1", None))));
    platform.traced("f", InvocationType::Event, None).await.unwrap();
    assert_eq!(platform.calls(), 2 * 16, "each call is followed by the other function's, until it is enough");
    platform.stop().await;
}
