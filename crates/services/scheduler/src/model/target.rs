//! What a schedule calls: how it is kept, and what it may be.

use serde_json::Value as Document;
use updraft_api_scheduler::MODEL;
use updraft_api_scheduler::types::{RetryPolicy, Target};
use updraft_kernel::{Arn, AwsError};
use updraft_wire::{FromValue, IntoValue, typed};

use crate::errors::{invalid, invalid_input};

/// AWS: as much is sent to a target.
const MOST_INPUT: usize = 256 * 1024;

/// AWS's own limits, which are also the defaults.
const MOST_RETRIES: i32 = 185;
const MOST_AGE: i32 = 24 * 3600;

/// AWS: what only reads can't be a universal target.
const READING: [&str; 12] =
    ["get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read", "lookup", "batchGet"];

/// What kind of target an ARN names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any operation of any service: as `sqs` and `sendMessage`.
    Universal {
        service: String,
        operation: String,
    },
    Function,
    Queue,
    Topic,
    Bus,
    StateMachine,
    /// Of this service, which isn't run here.
    Other(String),
}

impl Kind {
    /// `None`: AWS knows no such target.
    pub(crate) fn of(arn: &Arn) -> Option<Self> {
        Some(match arn.service.as_str() {
            "scheduler" => {
                let (service, operation) = arn.resource.strip_prefix("aws-sdk:")?.split_once(':')?;
                Self::Universal { service: service.to_owned(), operation: operation.to_owned() }
            }
            "lambda" if arn.resource.starts_with("function:") => Self::Function,
            "sqs" => Self::Queue,
            "sns" => Self::Topic,
            "events" if arn.resource.starts_with("event-bus/") => Self::Bus,
            "states" if arn.resource.starts_with("stateMachine:") => Self::StateMachine,
            other @ ("codebuild" | "codepipeline" | "ecs" | "firehose" | "inspector" | "kinesis" | "sagemaker") => {
                Self::Other(other.to_owned())
            }
            _ => return None,
        })
    }

    /// AWS: for these, what is sent must be JSON.
    fn wants_json(&self) -> bool {
        matches!(self, Self::Universal { .. } | Self::Function | Self::Bus | Self::StateMachine)
    }
}

/// # Errors
/// In AWS's words where they are known, if it can't be a target.
pub(crate) fn check(given: &Target) -> Result<(), AwsError> {
    let kind = Arn::parse(&given.arn).ok().and_then(|arn| Kind::of(&arn));
    let kind = kind.ok_or_else(|| invalid("Provided Arn is not in correct format."))?;
    if let Some(input) = &given.input {
        if input.len() > MOST_INPUT {
            return Err(invalid("The Input of a Target must not be larger than 262144 bytes."));
        }
        check_input(&kind, input)?;
    }
    match &kind {
        Kind::Bus if given.event_bridge_parameters.is_none() => {
            Err(invalid("EventBridgeParameters must be provided when the Target is an event bus."))
        }
        Kind::Queue if given.arn.ends_with(".fifo") && group_of(given).is_none() => {
            Err(invalid("A MessageGroupId must be provided when the Target is a FIFO queue."))
        }
        Kind::Universal { operation, .. } if READING.iter().any(|verb| operation.starts_with(verb)) => {
            Err(invalid(format_args!("The operation {operation} only reads, and can't be a Target.")))
        }
        _ => Ok(()),
    }
}

fn check_input(kind: &Kind, input: &str) -> Result<(), AwsError> {
    if !kind.wants_json() {
        return Ok(());
    }
    let read: Document = serde_json::from_str(input).map_err(invalid_input)?;
    let whole = !matches!(kind, Kind::Universal { .. }) || read.is_object();
    if whole { Ok(()) } else { Err(invalid_input("an object is expected")) }
}

pub(crate) fn group_of(target: &Target) -> Option<&String> {
    target.sqs_parameters.as_ref()?.message_group_id.as_ref()
}

/// With the defaults that AWS shows, as it is kept.
pub(crate) fn written(mut target: Target) -> String {
    let given = target.retry_policy.unwrap_or_default();
    target.retry_policy = Some(RetryPolicy {
        maximum_event_age_in_seconds: given.maximum_event_age_in_seconds.or(Some(MOST_AGE)),
        maximum_retry_attempts: given.maximum_retry_attempts.or(Some(MOST_RETRIES)),
    });
    let shape = MODEL.shape("Target");
    shape.map(|shape| typed::to_json(shape, &target.into_value()).to_string()).unwrap_or_default()
}

/// # Errors
/// If it isn't what [`written`] wrote.
pub(crate) fn read(kept: &str) -> Result<Target, AwsError> {
    let document: Document = serde_json::from_str(kept).map_err(AwsError::internal)?;
    let shape = MODEL.shape("Target").ok_or_else(|| AwsError::internal("the model has no targets"))?;
    typed::from_json(shape, &document).map(Target::from_value).map_err(AwsError::internal)
}

/// How often it is called at most, and for how many seconds it is tried.
pub(crate) fn patience(target: &Target) -> (u32, u64) {
    let policy = target.retry_policy.clone().unwrap_or_default();
    let retries = policy.maximum_retry_attempts.unwrap_or(MOST_RETRIES);
    let age = policy.maximum_event_age_in_seconds.unwrap_or(MOST_AGE);
    (u32::try_from(retries).unwrap_or(0) + 1, u64::try_from(age).unwrap_or(0))
}

/// The queue for what can't be delivered.
pub(crate) fn dead_letters(target: &Target) -> Option<&String> {
    target.dead_letter_config.as_ref()?.arn.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(arn: &str) -> Option<Kind> {
        Kind::of(&Arn::parse(arn).ok()?)
    }

    #[test]
    fn arns_tell_what_is_called() {
        let universal = Kind::Universal { service: "sqs".into(), operation: "sendMessage".into() };
        assert_eq!(kind("arn:aws:scheduler:::aws-sdk:sqs:sendMessage"), Some(universal));
        assert_eq!(kind("arn:aws:lambda:us-east-1:000000000000:function:f"), Some(Kind::Function));
        assert_eq!(kind("arn:aws:events:us-east-1:000000000000:event-bus/default"), Some(Kind::Bus));
        assert_eq!(kind("arn:aws:ecs:us-east-1:000000000000:cluster/c"), Some(Kind::Other("ecs".into())));
        for raw in ["x", "arn:aws:scheduler:::aws-sdk:sqs", "arn:aws:s3:::bucket", "arn:aws:lambda:::layer:l"] {
            assert_eq!(kind(raw), None, "{raw}");
        }
    }

    #[test]
    fn what_is_kept_is_read_again_with_its_defaults() {
        let given = Target { arn: "a".into(), role_arn: "r".into(), input: Some("{}".into()), ..Target::default() };
        let read = read(&written(given.clone())).unwrap();
        assert_eq!(patience(&read), (186, 86_400));
        assert_eq!(Target { retry_policy: None, ..read }, given);
    }
}
