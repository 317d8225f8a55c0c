//! What integrations make of a task's arguments before they call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::model::name::ExecutionId;

/// Members that JSON is written into as text.
pub(super) const TEXTS: [&str; 5] = ["MessageBody", "Message", "Input", "Output", "Detail"];

/// Bytes in an answer, shown as text.
pub(super) fn shown(service: &str, mut answer: Value) -> Value {
    let name = match service {
        "s3" => "Body",
        "lambda" => "Payload",
        _ => return answer,
    };
    if let Some(body) = answer.get_mut(name)
        && let Some(bytes) = body.as_str().and_then(|text| STANDARD.decode(text).ok())
    {
        *body = Value::String(String::from_utf8_lossy(&bytes).into_owned());
    }
    answer
}

/// `service`: as the resource names it.
pub(super) fn given(id: &ExecutionId, (service, action, sdk): (&str, &str, bool), mut arguments: Value) -> Value {
    match service {
        "s3" if action == "putObject" => {
            checked(&mut arguments);
            bytes(&mut arguments, "Body");
        }
        "sqs" => texts(&mut arguments, &["MessageBody"]),
        "sns" => texts(&mut arguments, &["Message"]),
        "states" | "sfn" => texts(&mut arguments, &["Input", "Output"]),
        "s3" => bytes(&mut arguments, "Body"),
        "lambda" => bytes(&mut arguments, "Payload"),
        "events" if !sdk => {
            let entries = arguments.get_mut("Entries").and_then(Value::as_array_mut);
            entries.into_iter().flatten().for_each(|entry| event(id, entry));
        }
        _ => {}
    }
    arguments
}

/// AWS: JSON where the API wants text is written as text.
fn texts(arguments: &mut Value, names: &[&str]) {
    for name in names {
        if let Some(value) = arguments.get_mut(*name).filter(|value| !value.is_string()) {
            *value = Value::String(value.to_string());
        }
    }
}

/// AWS: text is sent as it is, and other JSON as it is written.
fn bytes(arguments: &mut Value, name: &str) {
    if let Some(value) = arguments.get_mut(name) {
        *value = Value::String(STANDARD.encode(written(value)));
    }
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// AWS: what is put has a check sum, which the SDK computes.
fn checked(arguments: &mut Value) {
    let Some(arguments) = arguments.as_object_mut() else { return };
    if arguments.keys().all(|name| !name.starts_with("Checksum")) {
        let sum = crc32fast::hash(written(arguments.get("Body").unwrap_or(&json!(""))).as_bytes());
        arguments.insert("ChecksumCRC32".to_owned(), json!(STANDARD.encode(sum.to_be_bytes())));
    }
}

/// AWS: who put an event there is among its resources.
fn event(id: &ExecutionId, entry: &mut Value) {
    texts(entry, &["Detail"]);
    let Some(entry) = entry.as_object_mut() else { return };
    let resources = entry.entry("Resources").or_insert_with(|| json!([]));
    if let Some(resources) = resources.as_array_mut() {
        resources.extend([json!(id.machine.arn().to_string()), json!(id.arn().to_string())]);
    }
}
