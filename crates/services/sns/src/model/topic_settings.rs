//! Attributes of topics: which can be set, and to what.

use serde_json::Value;

use super::topic::Topic;
use super::{archive, delivery_policy};

/// Whose deliveries can be logged.
const LOGGED: [&str; 5] = ["HTTP", "Firehose", "Lambda", "Application", "SQS"];
const LOGGING: [&str; 3] = ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"];

/// Only for topics that are first-in-first-out.
const OF_FIFO: [&str; 3] = ["ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy"];

/// Whether there is such an attribute, for `SetTopicAttributes`; `FifoTopic` is said once, when the topic is made.
pub(crate) fn can_be_set(name: &str) -> bool {
    let own = [
        "DeliveryPolicy",
        "DisplayName",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "Policy",
        "SignatureVersion",
        "TracingConfig",
    ];
    own.contains(&name) || OF_FIFO.contains(&name) || is_logging(name)
}

fn is_logging(name: &str) -> bool {
    let what = LOGGED.iter().find_map(|of| name.strip_prefix(of));
    what.is_some_and(|what| LOGGING.contains(&what))
}

/// The attribute as it is to be kept and shown.
///
/// # Errors
/// What is wrong with it, beginning with its name.
pub(crate) fn checked(name: &str, value: &str, fifo: bool) -> Result<String, String> {
    if !fifo && OF_FIFO.contains(&name) {
        return Err(format!("{name}: is only valid for FIFO topics"));
    }
    let wrong = |why: String| format!("{name}: {why}");
    match name {
        "Policy" => object(value).map_err(wrong),
        "DeliveryPolicy" => delivery_policy::of_topic(value).map_err(wrong),
        "DisplayName" => one(value.chars().count() <= 100, name, value),
        "SignatureVersion" => one(matches!(value, "1" | "2"), name, value),
        "TracingConfig" => one(matches!(value, "PassThrough" | "Active"), name, value),
        "FifoTopic" | "ContentBasedDeduplication" => one(matches!(value, "true" | "false"), name, value),
        "FifoThroughputScope" => one(matches!(value, "Topic" | "MessageGroup"), name, value),
        "MaximumMessageSize" => one(number(value).is_some_and(|size| (1024..=1_048_576).contains(&size)), name, value),
        "ArchivePolicy" => archive(value).map_err(wrong),
        _ if name.ends_with("SampleRate") => one(number(value).is_some_and(|rate| rate <= 100), name, value),
        _ => Ok(value.to_owned()),
    }
}

fn one(legal: bool, name: &str, value: &str) -> Result<String, String> {
    if legal { Ok(value.to_owned()) } else { Err(format!("{name}: Invalid value [{value}].")) }
}

fn number(value: &str) -> Option<u32> {
    value.parse().ok()
}

fn object(value: &str) -> Result<String, String> {
    let parsed: Option<Value> = serde_json::from_str(value).ok();
    match parsed {
        Some(Value::Object(_)) => Ok(value.to_owned()),
        _ => Err("failed to parse JSON.".to_owned()),
    }
}

/// `{"MessageRetentionPeriod":"30"}`, in days.
fn archive(value: &str) -> Result<String, String> {
    let parsed: Value = serde_json::from_str(value).map_err(|_| "failed to parse JSON.".to_owned())?;
    match archive::days(&parsed) {
        _ if parsed.as_object().is_some_and(serde_json::Map::is_empty) => Ok("{}".to_owned()),
        Some(1..=365) => Ok(value.to_owned()),
        _ => Err("MessageRetentionPeriod must be between 1 and 365".to_owned()),
    }
}

/// Whether a topic, made again, would be the same in this attribute.
pub(crate) fn is_same(topic: &Topic, name: &str, value: &str) -> bool {
    let usual = match name {
        "FifoTopic" | "ContentBasedDeduplication" => "false",
        "SignatureVersion" => "1",
        "TracingConfig" => "PassThrough",
        "FifoThroughputScope" => "Topic",
        "MaximumMessageSize" => "262144",
        _ => "",
    };
    topic.attribute(name).unwrap_or(usual) == value
}
