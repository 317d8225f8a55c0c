//! Event source mappings as AWS has shown them (`CONFORMANCE_DIR`), made again over sources that are scripted: what was
//! asked for is what is told, but for the defaults.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use updraft_api_lambda::types::{CreateEventSourceMappingInput, EventSourceMappingConfiguration};
use updraft_api_lambda::{Lambda as _, shapes};
use updraft_kernel::ports::EventSourcePort;
use updraft_wire::{FromValue, IntoValue, typed};

use crate::mappings::Fake;
use crate::support::Platform;

/// Different for each mapping.
const OWN: [&str; 6] =
    ["UUID", "FunctionArn", "EventSourceArn", "EventSourceMappingArn", "LastModified", "ResponseMetadata"];
/// Told, not asked for.
const TOLD: [&str; 3] = ["State", "StateTransitionReason", "LastProcessingResult"];

/// Every answer that is a mapping which is being made, by scenario.
fn recorded() -> Vec<(String, Map<String, Value>)> {
    let Some(folder) = std::env::var_os("CONFORMANCE_DIR") else {
        println!("CONFORMANCE_DIR isn't set: AWS's recorded answers are not at hand");
        return Vec::new();
    };
    let folder = PathBuf::from(folder).join("aws-recorded/lambda_/event_source_mapping");
    let mut found = Vec::new();
    for source in ["sqs", "kinesis", "dynamodbstreams"] {
        let text = std::fs::read_to_string(folder.join(format!("test_lambda_integration_{source}.json"))).unwrap();
        let scenarios: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for (name, answers) in scenarios {
            for (label, answer) in answers.as_object().unwrap() {
                // A token stands in the pattern of one, which is none then.
                if answer["State"] == "Creating" && !name.contains("date_time_conversion") {
                    found.push((format!("{name}, {label}"), answer.as_object().unwrap().clone()));
                }
            }
        }
    }
    assert!(found.len() > 30, "{}", found.len());
    found
}

fn arn(recorded: &str) -> &'static str {
    match recorded.split(':').nth(2) {
        Some("sqs") => "arn:aws:sqs:us-east-1:000000000000:q",
        Some("kinesis") => "arn:aws:kinesis:us-east-1:000000000000:stream/s",
        _ => "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2030",
    }
}

/// Patterns are recorded as what they say; numbers that vary as words.
fn written(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(members) if name == "Pattern" => Value::String(json!(members).to_string()),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), written(name, value))).collect(),
        Value::Array(items) => items.iter().map(|item| written(name, item)).collect(),
        Value::String(_) if name.starts_with("Maximum") => json!(5),
        other => other.clone(),
    }
}

#[tokio::test]
async fn mappings_are_described_as_aws_describes_them() {
    for (name, answer) in recorded() {
        let platform = Platform::new();
        for service in ["sqs", "dynamodb", "kinesis"] {
            platform.lambda.poll_with(service, Arc::new(Fake::default()) as Arc<dyn EventSourcePort>);
        }
        platform.create("f").await;
        let expected: Map<String, Value> = answer
            .iter()
            .filter(|(key, _)| !OWN.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), written(key, value)))
            .collect();
        let mut request = expected.clone();
        request.retain(|key, _| !TOLD.contains(&key.as_str()));
        request.insert("FunctionName".into(), json!("f"));
        request.insert("EventSourceArn".into(), json!(arn(answer["EventSourceArn"].as_str().unwrap())));
        let value = typed::from_json(&shapes::CreateEventSourceMappingRequest, &Value::Object(request)).unwrap();
        let input = CreateEventSourceMappingInput::from_value(value);
        let made = platform.lambda.create_event_source_mapping(&platform.cx(), input).await.unwrap();
        assert_eq!(told(made), Value::Object(expected), "{name}");
        platform.stop().await;
    }
}

/// Without what differs for each mapping, all of which is there.
fn told(made: EventSourceMappingConfiguration) -> Value {
    let mut told = typed::to_json(&shapes::EventSourceMappingConfiguration, &made.into_value());
    let members = told.as_object_mut().unwrap();
    for name in OWN.into_iter().filter(|name| *name != "ResponseMetadata") {
        assert!(members.remove(name).is_some(), "{name}");
    }
    told
}
