//! Functions as tasks: by their ARN, and by `lambda:invoke`.

use serde_json::{Value, json};
use updraft_asl::run::{Failed, Signal};
use updraft_kernel::ports::{InvocationType, InvokeOutcome, InvokeRequest};
use updraft_kernel::{Arn, AwsError, Ctx};

use super::call::{Of, context, with_metadata};
use super::faults::Called;
use crate::StepFunctions;

const LAMBDA: Called<'static> = Called { service: "lambda", sdk: false };

/// A function that is the resource itself.
pub(super) async fn function(svc: &StepFunctions, (id, turn): Of<'_>, arn: &str, arguments: &Value) -> Signal {
    let cx = context(svc, id);
    let called = call(svc, &cx, request(&cx, arn, arguments.to_string())).await;
    match called.and_then(|outcome| answered(&outcome)) {
        Ok(output) => Signal::Succeeded(turn, output),
        Err(failed) => Signal::Failed(turn, failed),
    }
}

/// `lambda:invoke`.
pub(super) async fn invoke(svc: &StepFunctions, cx: &Ctx, arguments: &Value) -> Result<Value, Failed> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    // AWS: text is sent as it is, for it is JSON.
    let payload = match arguments.get("Payload") {
        None => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(payload) => payload.to_string(),
    };
    let mut request = request(cx, text("FunctionName").unwrap_or_default(), payload);
    // AWS: it is always said which version is meant.
    let qualifier = text("Qualifier").or_else(|| is_unqualified(&request.function).then_some("$LATEST"));
    if let Some(qualifier) = qualifier {
        request.function.resource = format!("{}:{qualifier}", request.function.resource);
    }
    request.client_context = text("ClientContext").map(str::to_owned);
    request.kind = match text("InvocationType") {
        Some("Event") => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        _ => InvocationType::RequestResponse,
    };
    let waits = matches!(request.kind, InvocationType::RequestResponse);
    let outcome = call(svc, cx, request).await?;
    // Who doesn't wait gets no answer.
    let output = if waits { answered(&outcome)? } else { json!("") };
    let answer =
        json!({ "ExecutedVersion": outcome.executed_version, "Payload": output, "StatusCode": outcome.status });
    Ok(with_metadata(cx, answer))
}

fn request(cx: &Ctx, function: &str, payload: String) -> InvokeRequest {
    let function = match Arn::parse(function) {
        Ok(arn) => arn,
        Err(_) => Arn::new("lambda", &cx.region, &cx.account, format!("function:{function}")),
    };
    let (kind, payload) = (InvocationType::RequestResponse, payload.into());
    InvokeRequest { function, kind, payload, client_context: None, tail: false, source: None }
}

/// `function:name`.
fn is_unqualified(function: &Arn) -> bool {
    function.resource.matches(':').count() == 1
}

async fn call(svc: &StepFunctions, cx: &Ctx, request: InvokeRequest) -> Result<InvokeOutcome, Failed> {
    svc.parts.functions.invoke(cx, request).await.map_err(|error: AwsError| svc.failed(cx, LAMBDA, &error))
}

/// AWS: the error is what the function calls it, and the cause everything that it said.
fn answered(outcome: &InvokeOutcome) -> Result<Value, Failed> {
    let text = String::from_utf8_lossy(&outcome.payload);
    let said: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if outcome.function_error.is_none() {
        return Ok(said);
    }
    let error = said.get("errorType").and_then(Value::as_str).unwrap_or("Lambda.Unknown");
    Err(Failed { error: Some(error.to_owned()), cause: Some(text.into_owned()) })
}
