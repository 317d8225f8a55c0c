//! A history as it comes, a line for what a person wants to know of it.

use serde_json::Value;

use super::seen::{self, Seen, duration};
use crate::out::{Look, To};

/// JSON is cut to so many characters.
const LONGEST: usize = 100;

/// `None`: an event that says nothing new.
pub(super) fn line(event: &Value, seen: &Seen) -> Option<String> {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    let (look, mark, told) = told(kind, event)?;
    let at = To::Answer.paint(Look::Dim, &format!("{:>9}", duration(seen.since(event).max(0.0))));
    Some(format!("{at}  {} {told}", To::Answer.paint(look, mark)))
}

fn told(kind: &str, event: &Value) -> Option<(Look, &'static str, String)> {
    if let Some((name, details)) = seen::state(event) {
        let entered = kind.ends_with("Entered");
        let data = details.get(if entered { "input" } else { "output" }).and_then(Value::as_str).unwrap_or_default();
        let (look, mark) = if entered { (Look::Cyan, "▶") } else { (Look::Green, "✓") };
        return Some((look, mark, format!("{name}  {}", cut(data))));
    }
    let details = event.as_object()?.iter().find(|(name, _)| name.ends_with("EventDetails")).map(|(_, of)| of);
    let text = |name: &str| details.and_then(|of| of.get(name)).and_then(Value::as_str);
    let number = |name: &str| details.and_then(|of| of.get(name)).and_then(Value::as_u64).unwrap_or_default();
    match kind {
        "ExecutionStarted" | "ExecutionSucceeded" => None,
        "MapIterationStarted" => Some((Look::Dim, "·", format!("item {}", number("index")))),
        "TaskScheduled" => {
            let called = format!("calls {}:{}", text("resourceType")?, text("resource")?);
            Some((Look::Dim, "·", called))
        }
        "LambdaFunctionScheduled" | "ActivityScheduled" => {
            Some((Look::Dim, "·", format!("calls {}", text("resource")?)))
        }
        _ if kind.ends_with("Failed") || kind.ends_with("TimedOut") || kind == "ExecutionAborted" => {
            let said = [text("error"), text("cause")].into_iter().flatten().collect::<Vec<_>>().join(": ");
            Some((Look::Red, "✗", format!("{kind}  {}", cut(&said)).trim_end().to_owned()))
        }
        _ => None,
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_matters_is_a_line() {
        let mut seen = Seen::default();
        seen.add(&json!({ "id": 1, "type": "ExecutionStarted", "timestamp": 10.0 }));
        let line = |event: Value| line(&event, &seen);
        let entered = json!({ "type": "TaskStateEntered", "timestamp": 10.25,
            "stateEnteredEventDetails": { "name": "Pay", "input": "{\"a\":1}" } });
        assert_eq!(line(entered).unwrap(), "   250 ms  ▶ Pay  {\"a\":1}");
        let failed = json!({ "type": "TaskFailed", "timestamp": 12.0, "taskFailedEventDetails": { "error": "E", "cause": "c" } });
        assert_eq!(line(failed).unwrap(), "    2.0 s  ✗ TaskFailed  E: c");
        assert_eq!(line(json!({ "type": "TaskStarted", "timestamp": 12.0 })), None);
        assert_eq!(cut(&"x".repeat(101)).chars().count(), 101);
    }
}
