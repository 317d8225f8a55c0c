//! One call of a task's target.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use updraft_asl::definition::{Pattern, Resource};
use updraft_asl::run::{Failed, Signal, Turn};
use updraft_kernel::ports::{ApiCall, InvocationType, InvokeOutcome, InvokeRequest};
use updraft_kernel::{Arn, AwsError, Ctx, Identity, RequestId, RngExt};
use updraft_store::StoreExt;

use super::begin::{self, Beginning};
use super::{servers, step};
use crate::StepFunctions;
use crate::errors::{execution_exists, type_not_supported};
use crate::keys::ExecutionKey;
use crate::mocks::case;
use crate::model::execution::Waiter;
use crate::model::name::{ExecutionId, MachineId};
use crate::table;

const SERVICE: &str = "states.amazonaws.com";

/// Whose task it is.
pub(crate) type Of<'a> = (&'a ExecutionId, Turn);

/// Calls, and answers what is to be told to the execution. `None`: it has been told.
///
/// # Errors
/// If it may go well later, whatever the definition says of trying again.
pub(crate) async fn call(
    svc: &StepFunctions,
    of: Of<'_>,
    resource: &Resource,
    arguments: Value,
) -> Result<Option<Signal>, AwsError> {
    let turn = of.1;
    let answer = match resource {
        Resource::Function(arn) => return Ok(Some(function(svc, of, arn, &arguments).await)),
        // Workers take these; one that was asked for before there were any is of a platform that had none.
        Resource::Activity(arn) => {
            let cause = Some(format!("The activity {arn} does not exist."));
            Err(Failed { error: Some("States.Runtime".to_owned()), cause })
        }
        Resource::Service { service, action, pattern: pattern @ (Pattern::Sync | Pattern::SyncJson), .. }
            if (service.as_str(), action.as_str()) == ("states", "startExecution") =>
        {
            match start(svc, of, &arguments, *pattern == Pattern::SyncJson).await {
                Ok(()) => return Ok(None),
                Err(error) if error.is_conflict() => return Err(error),
                Err(error) => Err(failed(&context(svc, of.0), ("StepFunctions", false), &error)),
            }
        }
        Resource::Service { service, sdk: false, .. } if service == "http" => servers::http(svc, &arguments).await,
        Resource::Service { service, sdk: false, .. } if service == "apigateway" => {
            servers::api(svc, &context(svc, of.0), &arguments).await
        }
        Resource::Service { service, action, sdk, .. } => {
            service_call(svc, of, (service, action, *sdk), arguments).await
        }
    };
    let waits = matches!(resource, Resource::Service { pattern: Pattern::Token, .. });
    Ok(Some(match answer {
        Ok(output) if waits => Signal::Submitted(turn, output),
        Ok(output) => Signal::Succeeded(turn, output),
        Err(failed) => Signal::Failed(turn, failed),
    }))
}

pub(crate) fn context(svc: &StepFunctions, id: &ExecutionId) -> Ctx {
    Ctx {
        identity: Arc::new(Identity::service(id.machine.account.clone(), SERVICE)),
        account: id.machine.account.clone(),
        region: id.machine.region.clone(),
        request_id: RequestId::new(svc.parts.rng.uuid()),
        clock: Arc::clone(&svc.parts.clock),
        rng: Arc::clone(&svc.parts.rng),
        endpoint: Arc::clone(&svc.parts.endpoint),
        trace: None,
        source_ip: None,
        via: None,
    }
}

/// A function that is the resource itself.
async fn function(svc: &StepFunctions, (id, turn): Of<'_>, arn: &str, arguments: &Value) -> Signal {
    let cx = context(svc, id);
    match invoke(svc, &cx, arn, arguments).await {
        Ok(outcome) => match answered(&outcome) {
            Ok(output) => Signal::Succeeded(turn, output),
            Err(failed) => Signal::Failed(turn, failed),
        },
        Err(error) => Signal::Failed(turn, failed(&cx, ("Lambda", false), &error)),
    }
}

async fn invoke(svc: &StepFunctions, cx: &Ctx, function: &str, payload: &Value) -> Result<InvokeOutcome, AwsError> {
    let function = match Arn::parse(function) {
        Ok(arn) => arn,
        Err(_) => Arn::new("lambda", &cx.region, &cx.account, format!("function:{function}")),
    };
    let (kind, payload) = (InvocationType::RequestResponse, payload.to_string().into());
    let request = InvokeRequest { function, kind, payload, client_context: None, tail: false, source: None };
    svc.parts.functions.invoke(cx, request).await
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

async fn service_call(
    svc: &StepFunctions,
    (id, _): Of<'_>,
    (service, action, sdk): (&str, &str, bool),
    arguments: Value,
) -> Result<Value, Failed> {
    let cx = context(svc, id);
    let says = |error: &AwsError| failed(&cx, (named(service), sdk), error);
    if (service, action, sdk) == ("lambda", "invoke", false) {
        let name = arguments.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
        let payload = arguments.get("Payload").cloned().unwrap_or_else(|| json!({}));
        let outcome = invoke(svc, &cx, name, &payload).await.map_err(|error| says(&error))?;
        let output = answered(&outcome)?;
        let answer =
            json!({ "ExecutedVersion": outcome.executed_version, "Payload": output, "StatusCode": outcome.status });
        return Ok(with_metadata(&cx, answer));
    }
    let call =
        ApiCall { service: called(service).to_owned(), operation: action.to_owned(), input: input(service, arguments) };
    let answer = svc.parts.dispatch.call(&cx, call).await.map_err(|error| says(&error))?;
    let answer = if service == "s3" { with_text(answer) } else { answer };
    Ok(if sdk { answer } else { with_metadata(&cx, answer) })
}

/// AWS: what an object has is shown as text.
fn with_text(mut answer: Value) -> Value {
    if let Some(body) = answer.get_mut("Body")
        && let Some(bytes) = body.as_str().and_then(|text| STANDARD.decode(text).ok())
    {
        *body = Value::String(String::from_utf8_lossy(&bytes).into_owned());
    }
    answer
}

/// `states:startExecution.sync`: the task ends with the execution that it begins.
async fn start(svc: &StepFunctions, (id, turn): Of<'_>, arguments: &Value, json: bool) -> Result<(), AwsError> {
    let cx = context(svc, id);
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    let arn = text("StateMachineArn").unwrap_or_default();
    let (arn, case) = case::split(svc, arn);
    let (machine, qualifier) = MachineId::of_any(&cx, arn)?;
    case::check(svc, &machine, case)?;
    let input = match arguments.get("Input") {
        None => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    // The same name for a call that is made again.
    let name =
        text("Name").map_or_else(|| format!("{}-{}-{}", short(&id.name), turn.frame, turn.number), str::to_owned);
    let begun = ExecutionId::of(machine.clone(), &name)?;
    let mut tx = svc.parts.store.write().await?;
    let chosen = table::chosen(&mut tx, &*cx.rng, (&machine, qualifier)).await?;
    if chosen.machine.express {
        return Err(type_not_supported());
    }
    if tx.row(&ExecutionKey(&begun)).await?.is_some() {
        return Err(execution_exists(&begun.arn().to_string()));
    }
    let waiter = Some(Waiter { execution: id.clone(), turn, json });
    table::keep_origin(&mut tx, &begun, chosen.origin.as_ref())?;
    case::keep(&mut tx, &begun, case)?;
    let started = begin::begin(svc, &mut tx, &begun, &chosen.machine, Beginning { input, trace: None, waiter }).await?;
    let answer = json!({ "ExecutionArn": begun.arn().to_string(), "StartDate": started.0 });
    step(svc, &mut tx, id, Signal::Submitted(turn, with_metadata(&cx, answer))).await?;
    tx.commit().await?;
    Ok(())
}

fn short(name: &str) -> String {
    name.chars().take(60).collect()
}

/// As the dispatch port knows it.
pub(crate) fn called(service: &str) -> &str {
    match service {
        "states" => "sfn",
        "events" => "eventbridge",
        other => other,
    }
}

/// As errors name it.
fn named(service: &str) -> &str {
    match service {
        "dynamodb" => "DynamoDB",
        "lambda" => "Lambda",
        "sqs" => "SQS",
        "sns" => "SNS",
        "s3" => "S3",
        "events" | "eventbridge" => "EventBridge",
        "states" | "sfn" => "StepFunctions",
        other => other,
    }
}

fn input(service: &str, arguments: Value) -> Value {
    match service {
        "sqs" => texts(arguments, &["MessageBody"]),
        "sns" => texts(arguments, &["Message"]),
        "states" | "sfn" => texts(arguments, &["Input", "Output"]),
        _ => arguments,
    }
}

/// AWS: JSON where the API wants text is written as text.
fn texts(mut arguments: Value, names: &[&str]) -> Value {
    for name in names {
        if let Some(value) = arguments.get_mut(*name).filter(|value| !value.is_string()) {
            *value = Value::String(value.to_string());
        }
    }
    arguments
}

/// What an optimised integration adds to an answer.
fn with_metadata(cx: &Ctx, answer: Value) -> Value {
    let id = cx.request_id.to_string();
    let mut whole = match answer {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let http = json!({
        "AllHttpHeaders": { "x-amzn-RequestId": [id], "Content-Type": ["application/json"] },
        "HttpHeaders": { "x-amzn-RequestId": id, "Content-Type": "application/json" },
        "HttpStatusCode": 200,
    });
    whole.insert("SdkHttpMetadata".to_owned(), http);
    whole.insert("SdkResponseMetadata".to_owned(), json!({ "RequestId": id }));
    Value::Object(whole)
}

/// As AWS names errors of services: `DynamoDB.ResourceNotFoundException`.
fn failed(cx: &Ctx, (service, sdk): (&str, bool), error: &AwsError) -> Failed {
    let (code, status, id) = (error.code().name, error.code().status, &cx.request_id);
    let service = if sdk && service == "DynamoDB" { "DynamoDb" } else { service };
    let name = if code.ends_with("Exception") { code.to_owned() } else { format!("{code}Exception") };
    let message = error.message();
    let cause = if sdk {
        format!("{message} (Service: {service}, Status Code: {status}, Request ID: {id})")
    } else {
        format!(
            "{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {id}; Proxy: null)"
        )
    };
    Failed { error: Some(format!("{service}.{name}")), cause: Some(cause) }
}
