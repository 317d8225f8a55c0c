//! One call of a task's target.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use updraft_asl::definition::{Pattern, Resource};
use updraft_asl::run::{Failed, Signal, Turn};
use updraft_kernel::ports::ApiCall;
use updraft_kernel::{AwsError, Ctx, Identity, RequestId, RngExt};
use updraft_store::StoreExt;

use super::begin::{self, Beginning};
use super::faults::Called;
use super::given::{given, shown};
use super::{function, servers, step};
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
        Resource::Function(arn) => return Ok(Some(function::function(svc, of, arn, &arguments).await)),
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
                Err(error) => Err(svc.failed(&context(svc, of.0), Called { service, sdk: false }, &error)),
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
        Err(failed) => Signal::Refused(turn, failed),
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

async fn service_call(
    svc: &StepFunctions,
    (id, _): Of<'_>,
    (service, action, sdk): (&str, &str, bool),
    arguments: Value,
) -> Result<Value, Failed> {
    let cx = context(svc, id);
    if (service, action, sdk) == ("lambda", "invoke", false) {
        return function::invoke(svc, &cx, &arguments).await;
    }
    let input = given(id, (service, action, sdk), arguments);
    let call = ApiCall { service: called(service).to_owned(), operation: action.to_owned(), input };
    let answer = svc.parts.dispatch.call(&cx, call).await;
    let answer = answer.map_err(|error| svc.failed(&cx, Called { service, sdk }, &error))?;
    if sdk {
        return Ok(shown(service, answer));
    }
    all_taken(service, &answer)?;
    Ok(with_metadata(&cx, answer))
}

/// AWS: of events, one that isn't taken makes the task fail.
fn all_taken(service: &str, answer: &Value) -> Result<(), Failed> {
    let refused = answer.get("FailedEntryCount").and_then(Value::as_u64).unwrap_or(0);
    if service != "events" || refused == 0 {
        return Ok(());
    }
    Err(Failed { error: Some("EventBridge.FailedEntry".to_owned()), cause: Some(answer.to_string()) })
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

/// What an optimised integration adds to an answer.
pub(super) fn with_metadata(cx: &Ctx, answer: Value) -> Value {
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
