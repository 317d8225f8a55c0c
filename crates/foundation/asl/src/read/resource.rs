//! `Task`: what its `Resource` names, and how long it may take.

use super::field::Fields;
use super::{LONGEST, Notes, Workflow};
use crate::definition::{Language, Pattern, Resource, Task, Written};

pub(super) fn task(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Task> {
    if !of.required(notes, &["Resource"]) {
        return None;
    }
    let text = of.text(notes, "Resource")?;
    let at = of.place("Resource");
    let resource = parse(text);
    if resource.is_none() {
        notes.say(&at, unknown(text));
    }
    let resource = resource?;
    if notes.workflow == Workflow::Express {
        within_express(notes, &resource, &at);
    }
    if let Some(credentials) = of.object(notes, "Credentials")
        && !credentials.has("RoleArn.$")
    {
        credentials.required(notes, &["RoleArn"]);
    }
    let credentials = of.template(notes, "Credentials", language);
    let timeout = of.number(notes, ("TimeoutSeconds", language), 1..=LONGEST);
    let heartbeat = of.number(notes, ("HeartbeatSeconds", language), 1..=LONGEST);
    if let (Some(Written::Fixed(timeout)), Some(Written::Fixed(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        notes.say(&of.at, "HeartbeatSeconds must be smaller than TimeoutSeconds");
    }
    Some(Task { resource, timeout, heartbeat, credentials })
}

fn unknown(text: &str) -> String {
    let what =
        "is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.";
    format!("The resource provided {text} {what}")
}

/// AWS: an Express execution ends within five minutes, and nobody can call it back.
fn within_express(notes: &mut Notes, resource: &Resource, at: &str) {
    match resource {
        Resource::Activity(_) => notes.say(at, "Express state machine does not support Activity ARN"),
        Resource::Service { pattern: Pattern::Sync | Pattern::SyncJson, .. } => {
            notes.say(at, "Express state machine does not support '.sync' service integration");
        }
        Resource::Service { pattern: Pattern::Token, .. } => {
            notes.say(at, "Express state machine does not support '.waitForTaskToken' service integration");
        }
        _ => {}
    }
}

/// What an ARN names. `None`: nothing that can be called.
pub(super) fn parse(text: &str) -> Option<Resource> {
    let mut parts = text.splitn(6, ':');
    let (arn, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, rest) = (parts.next()?, parts.next()?, parts.next()?);
    match (arn, service) {
        ("arn", "lambda") if rest.starts_with("function:") => Some(Resource::Function(text.to_owned())),
        ("arn", "states") if rest.starts_with("activity:") => Some(Resource::Activity(text.to_owned())),
        ("arn", "states") if region.is_empty() && account.is_empty() => integration(rest),
        _ => None,
    }
}

fn integration(rest: &str) -> Option<Resource> {
    let (rest, pattern) = [Pattern::SyncJson, Pattern::Sync, Pattern::Token]
        .into_iter()
        .find_map(|pattern| Some((rest.strip_suffix(pattern.suffix())?, pattern)))
        .unwrap_or((rest, Pattern::Response));
    let (sdk, rest) = rest.strip_prefix("aws-sdk:").map_or((false, rest), |rest| (true, rest));
    let (service, action) = rest.split_once(':')?;
    let known = sdk || optimized(service, action).is_some_and(|patterns| patterns.contains(&pattern));
    let fits = known && !action.is_empty() && !(sdk && matches!(pattern, Pattern::Sync | Pattern::SyncJson));
    fits.then(|| Resource::Service { service: service.to_owned(), action: action.to_owned(), sdk, pattern })
}

/// The optimised integrations of AWS's documentation, and the patterns of each.
fn optimized(service: &str, action: &str) -> Option<&'static [Pattern]> {
    use Pattern::{Response, Sync, SyncJson, Token};
    Some(match (service, action) {
        ("lambda", "invoke") | ("apigateway", "invoke") | ("sqs", "sendMessage") | ("sns", "publish") => {
            &[Response, Token]
        }
        ("dynamodb", "getItem" | "putItem" | "updateItem" | "deleteItem") => &[Response],
        ("events", "putEvents") => &[Response, Token],
        ("states", "startExecution") => &[Response, Sync, SyncJson, Token],
        ("http", "invoke") => &[Response],
        ("ecs" | "eks", "runTask" | "runJob" | "call") => &[Response, Sync, Token],
        ("batch", "submitJob") => &[Response, Sync, Token],
        ("glue", "startJobRun") | ("codebuild", "startBuild" | "startBuildBatch") => &[Response, Sync],
        ("athena", "startQueryExecution") => &[Response, Sync],
        ("athena", "stopQueryExecution" | "getQueryExecution" | "getQueryResults") => &[Response],
        ("bedrock", "invokeModel") => &[Response, Token],
        ("sagemaker" | "elasticmapreduce" | "emr-serverless" | "emr-containers" | "databrew" | "mediaconvert", _) => {
            &[Response, Sync]
        }
        _ => return None,
    })
}
