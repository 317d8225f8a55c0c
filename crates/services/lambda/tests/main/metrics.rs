//! What is told about calls.

use std::time::Duration;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{InvokeInput, PutFunctionConcurrencyInput};
use updraft_kernel::ports::{Concurrency, FunctionErrorKind, RunOutcome, RunnerRefusal, Usage};

use crate::aliases::alias;
use crate::support::{Platform, outcome};

async fn call(platform: &Platform, name: &str) {
    let input = InvokeInput { function_name: name.into(), ..InvokeInput::default() };
    // Refusals are measured too.
    drop(platform.lambda.invoke(&platform.cx(), input).await);
}

fn usage() -> Usage {
    Usage {
        duration: Duration::from_micros(12_500),
        init: Some(Duration::from_millis(80)),
        provisioned: false,
        concurrency: Concurrency { account: 7, unreserved: 5, function: 3, provisioned: 4, provisioned_busy: 1 },
    }
}

#[tokio::test]
async fn a_call_is_measured_under_each_set_of_dimensions() {
    let platform = Platform::with_versions(1).await;
    platform.alias(alias("live", "1")).await.unwrap();
    let planned = |usage| Ok(RunOutcome { usage, ..outcome("{}", Some(FunctionErrorKind::Unhandled)) });
    platform.runner.plan(planned(usage()));
    call(&platform, "f:live").await;
    let sets =
        ["", "FunctionName=f", "FunctionName=f,Resource=f:live", "FunctionName=f,Resource=f:live,ExecutedVersion=1"];
    for (name, value) in
        [("Invocations", 1.0), ("Errors", 1.0), ("Throttles", 0.0), ("Duration", 12.5), ("InitDuration", 80.0)]
    {
        for set in sets {
            assert_eq!(platform.metrics.values(name, set), [value], "{name} under {set}");
        }
    }
    assert_eq!(platform.metrics.values("ConcurrentExecutions", ""), [7.0]);
    assert_eq!(platform.metrics.values("UnreservedConcurrentExecutions", ""), [5.0]);
    assert_eq!(platform.metrics.values("UnreservedConcurrentExecutions", sets[1]), [0.0; 0]);
    for set in &sets[1..] {
        let values = |name| platform.metrics.values(name, set);
        assert_eq!(values("ConcurrentExecutions"), [3.0]);
        assert_eq!(values("ProvisionedConcurrentExecutions"), [1.0]);
        assert_eq!(values("ProvisionedConcurrencyUtilization"), [0.25]);
        assert_eq!(values("ProvisionedConcurrencyInvocations"), [0.0]);
        assert_eq!(values("ProvisionedConcurrencySpilloverInvocations"), [1.0]);
    }
    platform.stop().await;
}

#[tokio::test]
async fn what_is_called_by_its_name_or_number_has_no_executed_version() {
    let platform = Platform::with_versions(1).await;
    call(&platform, "f").await;
    call(&platform, "f:1").await;
    let invocations = |set| platform.metrics.values("Invocations", set);
    assert_eq!(invocations("FunctionName=f"), [1.0, 1.0]);
    assert_eq!(invocations("FunctionName=f,Resource=f"), [1.0]);
    assert_eq!(invocations("FunctionName=f,Resource=f:1"), [1.0]);
    assert!(platform.metrics.0.lock().iter().all(|batch| batch.dimensions.iter().all(|set| set.len() < 3)));
    assert_eq!(platform.metrics.values("InitDuration", ""), [0.0; 0], "it was warm");
    assert_eq!(platform.metrics.values("ProvisionedConcurrencyUtilization", "FunctionName=f"), [0.0; 0]);
    platform.stop().await;
}

#[tokio::test]
async fn a_call_without_room_is_throttled_and_not_invoked() {
    let platform = Platform::with_versions(0).await;
    platform.runner.plan(Err(RunnerRefusal::Stopping));
    call(&platform, "f").await;
    call(&platform, "never-there").await;
    assert!(platform.metrics.0.lock().is_empty(), "nothing was called");
    platform.runner.plan(Err(RunnerRefusal::Throttled("full")));
    call(&platform, "f").await;
    assert_eq!(platform.metrics.values("Throttles", "FunctionName=f,Resource=f"), [1.0]);
    let none = PutFunctionConcurrencyInput { function_name: "f".into(), reserved_concurrent_executions: 0 };
    platform.lambda.put_function_concurrency(&platform.cx(), none).await.unwrap();
    call(&platform, "f").await;
    assert_eq!(platform.metrics.values("Throttles", ""), [1.0, 1.0]);
    assert_eq!(platform.metrics.values("Invocations", ""), [0.0; 0]);
    platform.stop().await;
}
