//! A target as it is stored, and what it is sent.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use updraft_api_events::shapes;
use updraft_api_events::types::Target;
use updraft_expr::json_path::JsonPath;
use updraft_kernel::{Arn, AwsError};
use updraft_store::Row;
use updraft_wire::{FromValue, IntoValue, typed};

use super::event::Event;
use super::transform::{self, Through};

const USUAL_RETRIES: u32 = 185;
const USUAL_AGE: Duration = Duration::from_secs(24 * 3600);

/// All that was said of it, in its model's JSON: most of it is nobody's business but its own service's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredTarget(pub(crate) String);

impl Row for StoredTarget {
    const VERSION: u8 = 1;
}

impl StoredTarget {
    pub(crate) fn of(target: Target) -> Self {
        Self(typed::to_json(&shapes::Target, &target.into_value()).to_string())
    }

    /// # Errors
    /// If it can't be read any more.
    pub(crate) fn read(&self) -> Result<Target, AwsError> {
        let document: Value = serde_json::from_str(&self.0).map_err(AwsError::internal)?;
        Ok(Target::from_value(typed::from_json(&shapes::Target, &document)?))
    }
}

/// How often a target is tried again after the first time.
pub(crate) fn retries(target: &Target) -> u32 {
    let given = target.retry_policy.as_ref().and_then(|policy| policy.maximum_retry_attempts);
    given.and_then(|count| u32::try_from(count).ok()).unwrap_or(USUAL_RETRIES)
}

/// For how long, since the event came.
pub(crate) fn patience(target: &Target) -> Duration {
    let given = target.retry_policy.as_ref().and_then(|policy| policy.maximum_event_age_in_seconds);
    given.and_then(|seconds| u64::try_from(seconds).ok()).map_or(USUAL_AGE, Duration::from_secs)
}

/// The queue for what couldn't be delivered.
pub(crate) fn dead_letters(target: &Target) -> Option<Arn> {
    let arn = target.dead_letter_config.as_ref()?.arn.as_deref()?;
    Arn::parse(arn).ok()
}

/// What it gets of an event. `None`: its template makes no JSON of this one.
pub(crate) fn input(target: &Target, event: &Event, through: Through<'_>) -> Option<String> {
    if let Some(constant) = &target.input {
        return Some(constant.clone());
    }
    if let Some(path) = &target.input_path {
        let found = JsonPath::parse(path).and_then(|path| path.find(&event.value()));
        return Some(found.unwrap_or(Value::Null).to_string());
    }
    match &target.input_transformer {
        Some(transformer) => transform::filled(transformer, event, through),
        None => Some(event.json()),
    }
}

#[cfg(test)]
mod tests {
    use updraft_api_events::types::{EcsParameters, RetryPolicy, SqsParameters};

    use super::*;
    use crate::model::event::tests::event;

    fn target() -> Target {
        Target { id: "1".into(), arn: "arn:aws:sqs:us-east-1:000000000000:q".into(), ..Target::default() }
    }

    #[test]
    fn everything_said_is_kept() {
        let mut whole = target();
        whole.sqs_parameters = Some(SqsParameters { message_group_id: Some("g".into()) });
        whole.ecs_parameters = Some(EcsParameters { task_definition_arn: "t".into(), ..EcsParameters::default() });
        whole.retry_policy =
            Some(RetryPolicy { maximum_retry_attempts: Some(0), maximum_event_age_in_seconds: Some(60) });
        assert_eq!(StoredTarget::of(whole.clone()).read().unwrap(), whole);
        assert_eq!((retries(&whole), patience(&whole)), (0, Duration::from_secs(60)));
        assert_eq!((retries(&target()), patience(&target())), (185, USUAL_AGE));
    }

    #[test]
    fn a_target_gets_a_constant_a_part_or_the_whole() {
        let (event, through) = (event(r#"{"a":{"b":"c"}}"#), Through { arn: "a", name: "n" });
        let of = |target: &Target| input(target, &event, through).unwrap();
        assert_eq!(of(&target()), event.json());
        assert_eq!(of(&Target { input: Some("[1]".into()), ..target() }), "[1]");
        assert_eq!(of(&Target { input_path: Some("$.detail.a.b".into()), ..target() }), r#""c""#);
        assert_eq!(of(&Target { input_path: Some("$.detail.x".into()), ..target() }), "null");
    }
}
