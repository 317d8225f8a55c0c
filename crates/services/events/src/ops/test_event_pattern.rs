//! `TestEventPattern`: whether a pattern matches an event.

use serde_json::{Map, Value};
use updraft_api_events::types::{TestEventPatternInput, TestEventPatternOutput};
use updraft_expr::pattern::Pattern;
use updraft_kernel::{AwsError, Ctx};

use crate::EventBridge;
use crate::errors::{invalid_pattern, not_valid};

pub(crate) async fn test_event_pattern(
    _svc: &EventBridge,
    _cx: &Ctx,
    input: TestEventPatternInput,
) -> Result<TestEventPatternOutput, AwsError> {
    let pattern = Pattern::parse(&input.event_pattern).map_err(|why| invalid_pattern(why.reason()))?;
    let event: Map<String, Value> = serde_json::from_str(&input.event).map_err(|_| not_valid("Event"))?;
    Ok(TestEventPatternOutput { result: Some(pattern.matches(&Value::Object(event))) })
}
