//! What the service itself adds to a warm call, with a runner that answers at once. Not a test: run it by name.

use std::time::Duration;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{Environment, InvokeInput, UpdateFunctionConfigurationInput};
use updraft_kernel::{Clock, SystemClock};

use crate::support::Platform;

const ROUNDS: usize = 20;
const CALLS: u32 = 1_000;

#[tokio::test]
#[ignore = "a measurement: cargo nextest run -p updraft-lambda --run-ignored only --no-capture warm_calls"]
#[expect(clippy::print_stdout, reason = "its numbers are for people")]
async fn warm_calls() {
    let platform = Platform::new();
    platform.create("f").await;
    let variables = (0..10).map(|n| (format!("VARIABLE_{n}"), "a value of some length".to_owned())).collect();
    let update = UpdateFunctionConfigurationInput {
        function_name: "f".into(),
        environment: Some(Environment { variables: Some(variables) }),
        ..UpdateFunctionConfigurationInput::default()
    };
    platform.lambda.update_function_configuration(&platform.cx(), update).await.unwrap();
    let clock = SystemClock::new();
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let began = clock.monotonic();
        for _ in 0..CALLS {
            let call =
                InvokeInput { function_name: "f".into(), payload: Some("{\"a\":1}".into()), ..InvokeInput::default() };
            platform.lambda.invoke(&platform.cx(), call).await.unwrap();
        }
        took.push((clock.monotonic() - began) / CALLS);
        platform.runner.calls.lock().clear();
        platform.metrics.0.lock().clear();
    }
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).map_or(0, Duration::as_nanos);
    println!("a warm call: min {} p50 {} p90 {} ns", at(0), at(50), at(90));
    platform.stop().await;
}
