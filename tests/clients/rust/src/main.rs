//! What a function in Rust does, with AWS's own crate. Its handler's name says which of two it is.

use std::time::Duration;

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("_HANDLER")?.as_str() {
        "streams" => run(service_fn(streams)).await,
        "answers" => run(service_fn(answers)).await,
        other => Err(format!("there is no handler {other}").into()),
    }
}

/// Waits as long as it is told; fails where it is told to.
async fn answers(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    tokio::time::sleep(Duration::from_millis(payload["wait"].as_u64().unwrap_or_default())).await;
    match payload["fail"].as_str() {
        None => {}
        Some("panic") => panic!("as asked"),
        Some(why) => return Err(Diagnostic { error_type: "Refused".into(), error_message: why.into() }),
    }
    println!("in the log of {}", context.request_id);
    Ok(json!({
        "event": payload,
        "arn": context.invoked_function_arn,
        "memory": context.env_config.memory,
        "version": context.env_config.version,
        "client": context.client_context.map(|client| client.custom),
        "traced": context.xray_trace_id.is_some_and(|trace| trace.starts_with("Root=")),
    }))
}

/// Answers "one" at once and "two" half a second later, or an error in its stead.
async fn streams(event: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut answer, body) = channel();
    let fails = event.payload["fail"].is_string();
    tokio::spawn(async move {
        answer.send_data("one".into()).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        if fails {
            answer.abort();
            return Ok(());
        }
        answer.send_data("two".into()).await
    });
    Ok(Response::from(body))
}
