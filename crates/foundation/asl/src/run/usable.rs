//! Arguments that no call can be made with: the state fails before anything is scheduled.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::Trouble;
use super::context::Found;
use crate::definition::Resource;

/// What is wrong with the arguments of an SDK integration, by its service and action: whoever runs executions knows the
/// services.
#[derive(Clone, Default)]
pub struct Fits(Option<Arc<Wrong>>);

type Wrong = dyn Fn(&str, &str, &Value) -> Vec<String> + Send + Sync;

impl Fits {
    pub fn new(wrong: impl Fn(&str, &str, &Value) -> Vec<String> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(wrong)))
    }
}

impl fmt::Debug for Fits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Fits")
    }
}

/// `field`: what they are called.
pub(super) fn usable(resource: &Resource, arguments: &Value, field: &str, fits: &Fits) -> Found<()> {
    let wrong = match resource {
        Resource::Service { service, action, sdk: true, .. } => {
            fits.0.as_ref().map(|wrong| wrong(service, action, arguments)).unwrap_or_default()
        }
        Resource::Service { service, action, sdk: false, .. } => {
            let known = parameters(service, action);
            [known.map(|known| known.wrong(arguments)).unwrap_or_default(), misshapen(service, arguments)].concat()
        }
        _ => Vec::new(),
    };
    if wrong.is_empty() {
        return Ok(());
    }
    let wrong = wrong.join(", ");
    Err(Trouble::runtime(format!("The {field} '{arguments}' could not be used to start the Task: [{wrong}]")))
}

/// What has another form than it should have.
fn misshapen(service: &str, arguments: &Value) -> Vec<String> {
    let lists = |name: &&str| arguments.get(*name).is_none_or(of_lists);
    let wrong = ["Headers", "QueryParameters"].into_iter().filter(|name| service == "apigateway" && !lists(name));
    wrong.map(|name| format!("The value of the field '{name}' has an invalid format")).collect()
}

fn of_lists(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.values().all(Value::is_array))
}

/// What an optimised integration takes.
struct Parameters {
    required: &'static [&'static str],
    others: [&'static [&'static str]; 2],
}

impl Parameters {
    fn wrong(&self, arguments: &Value) -> Vec<String> {
        let Some(arguments) = arguments.as_object() else { return Vec::new() };
        let all = || self.others.iter().copied().chain([self.required]);
        let known = |name: &String| all().any(|names| names.contains(&name.as_str()));
        let unknown = arguments.keys().filter(|name| !known(name));
        let unknown = unknown.map(|name| format!("The field \"{name}\" is not supported by Step Functions"));
        let missing = self.required.iter().filter(|name| !arguments.contains_key(**name));
        unknown.chain(missing.map(|name| format!("The field '{name}' is required but was missing"))).collect()
    }
}

/// AWS: the parameters that the documentation of each integration lists; those of services that we don't have aren't looked
/// at.
#[rustfmt::skip]
fn parameters(service: &str, action: &str) -> Option<Parameters> {
    let (required, others): (&[&str], &[&str]) = match (service, action) {
        ("lambda", "invoke") => (&["FunctionName"], &["ClientContext", "InvocationType", "Payload", "Qualifier"]),
        ("sqs", "sendMessage") => (
            &["QueueUrl", "MessageBody"],
            &["DelaySeconds", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId"],
        ),
        ("sns", "publish") => (
            &["Message"],
            &[
                "MessageAttributes", "MessageDeduplicationId", "MessageGroupId", "MessageStructure", "PhoneNumber",
                "Subject", "TargetArn", "TopicArn",
            ],
        ),
        ("events", "putEvents") => (&["Entries"], &["EndpointId"]),
        ("states", "startExecution") => (&["StateMachineArn"], &["Input", "Name", "TraceHeader"]),
        ("dynamodb", "getItem") => (
            &["TableName", "Key"],
            &[
                "AttributesToGet", "ConsistentRead", "ExpressionAttributeNames", "ProjectionExpression",
                "ReturnConsumedCapacity",
            ],
        ),
        ("dynamodb", "putItem") => (&["TableName", "Item"], WRITES),
        ("dynamodb", "deleteItem") => (&["TableName", "Key"], WRITES),
        ("dynamodb", "updateItem") => (&["TableName", "Key"], WRITES),
        _ => return None,
    };
    let more = if action == "updateItem" { UPDATES } else { &[] };
    Some(Parameters { required, others: [others, more] })
}

const WRITES: &[&str] = &[
    "ConditionExpression",
    "ConditionalOperator",
    "Expected",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnConsumedCapacity",
    "ReturnItemCollectionMetrics",
    "ReturnValues",
    "ReturnValuesOnConditionCheckFailure",
];

/// What an update takes beside [`WRITES`].
const UPDATES: &[&str] = &["AttributeUpdates", "UpdateExpression"];
