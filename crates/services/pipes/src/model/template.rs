//! Input templates: a text with `<$.path>` and `<aws.pipes.…>` in it, made into what a target gets of an event.

use serde_json::Value;
use updraft_expr::json_path::{JsonPath, decoded};

/// What the variables of a pipe stand for.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) pipe_arn: String,
    pub(crate) pipe_name: String,
    pub(crate) source_arn: String,
    pub(crate) enrichment_arn: String,
    pub(crate) target_arn: String,
    /// ISO 8601.
    pub(crate) ingested: String,
}

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// What becomes of an event; a text that isn't JSON becomes a text. Without a template the event stays as it is.
pub(crate) fn apply(template: Option<&str>, event: &Value, names: &Names) -> Value {
    let Some(template) = template.filter(|template| !template.is_empty()) else { return event.clone() };
    let parts = parts(template);
    let made = if is_json(&parts) { json(&parts, event, names) } else { plain(&parts, event, names) };
    serde_json::from_str(&made).unwrap_or(Value::String(made))
}

fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, variable, behind)) = next(rest) {
        parts.extend([Part::Text(before), Part::Variable(variable)]);
        rest = behind;
    }
    parts.push(Part::Text(rest));
    parts
}

/// The first variable, with what is before and behind it. What else is in angle brackets is text.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('<').find_map(|(start, _)| {
        let (variable, behind) = text.get(start + 1..)?.split_once('>')?;
        let known = variable.starts_with('$') || variable.starts_with("aws.pipes.");
        known.then_some((text.get(..start)?, variable, behind))
    })
}

/// Whether it is JSON where each variable stands for a value.
fn is_json(parts: &[Part]) -> bool {
    let sample: String = each(parts, |_, quoted| if quoted { String::new() } else { "0".to_owned() });
    serde_json::from_str::<Value>(&sample).is_ok()
}

fn json(parts: &[Part], event: &Value, names: &Names) -> String {
    each(parts, |variable, quoted| match (value(variable, event, names), quoted) {
        (Some(value), true) => escaped(&text(&value)),
        (Some(value), false) => value.to_string(),
        (None, true) => String::new(),
        (None, false) => "null".to_owned(),
    })
}

fn plain(parts: &[Part], event: &Value, names: &Names) -> String {
    each(parts, |variable, _| value(variable, event, names).map(|value| text(&value)).unwrap_or_default())
}

/// `value` is asked for a variable, and told whether it stands within quotes.
fn each(parts: &[Part], value: impl Fn(&str, bool) -> String) -> String {
    let (mut made, mut quoted, mut escape) = (String::new(), false, false);
    for part in parts {
        match part {
            Part::Variable(variable) => made.push_str(&value(variable, quoted)),
            Part::Text(text) => {
                made.push_str(text);
                for c in text.chars() {
                    if c == '"' && !escape {
                        quoted = !quoted;
                    }
                    escape = c == '\\' && !escape;
                }
            }
        }
    }
    made
}

fn value(variable: &str, event: &Value, names: &Names) -> Option<Value> {
    let text = |text: &str| Some(Value::String(text.to_owned()));
    match variable.strip_prefix("aws.pipes.") {
        None => find(event, variable),
        Some("pipe-arn") => text(&names.pipe_arn),
        Some("pipe-name") => text(&names.pipe_name),
        Some("source-arn") => text(&names.source_arn),
        Some("enrichment-arn") => text(&names.enrichment_arn),
        Some("target-arn") => text(&names.target_arn),
        Some("event.ingestion-time") => text(&names.ingested),
        Some("event") => Some(event.clone()),
        Some("event.json") => Some(with_decoded_fields(event)),
        Some(_) => None,
    }
}

/// AWS: fields that hold JSON as a text become what they say.
fn with_decoded_fields(event: &Value) -> Value {
    match event {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), decoded(value).into_owned())).collect())
        }
        other => decoded(other).into_owned(),
    }
}

/// What is at a path in an event. `None`: nothing is, or it is no path.
pub(crate) fn find(event: &Value, path: &str) -> Option<Value> {
    JsonPath::parse(path)?.find_decoded(event)
}

/// As a part of a text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Without the quotes around it.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// Why AWS wouldn't take it, if so: a variable that there isn't.
pub(crate) fn unknown_variable(template: &str) -> Option<&str> {
    const KNOWN: [&str; 8] = [
        "aws.pipes.pipe-arn",
        "aws.pipes.pipe-name",
        "aws.pipes.source-arn",
        "aws.pipes.enrichment-arn",
        "aws.pipes.target-arn",
        "aws.pipes.event.ingestion-time",
        "aws.pipes.event",
        "aws.pipes.event.json",
    ];
    parts(template).into_iter().find_map(|part| match part {
        Part::Variable(variable) if !variable.starts_with('$') && !KNOWN.contains(&variable) => Some(variable),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        Names {
            pipe_arn: "arn:p".into(),
            pipe_name: "p".into(),
            source_arn: "arn:s".into(),
            enrichment_arn: "arn:e".into(),
            target_arn: "arn:t".into(),
            ingested: "2026-01-01T00:00:00Z".into(),
        }
    }

    fn made(template: &str) -> Value {
        let event = json!({"messageId": "m\"1", "body": r#"{"n": 5, "list": [1], "o": {"k": "v"}}"#, "plain": "hello"});
        apply(Some(template), &event, &names())
    }

    #[test]
    fn what_it_says_outside_quotes_is_json() {
        assert_eq!(
            made(r#"{"n": <$.body.n>, "id": <$.messageId>, "o": <$.body.o>, "none": <$.x>}"#),
            json!({"n": 5, "id": "m\"1", "o": {"k": "v"}, "none": null})
        );
        assert_eq!(made("<$.body>"), json!({"n": 5, "list": [1], "o": {"k": "v"}}));
        assert_eq!(made("<$.plain>"), json!("hello"));
        assert_eq!(made("[<$.body.n>, <aws.pipes.pipe-name>]"), json!([5, "p"]));
    }

    #[test]
    fn what_it_says_within_quotes_is_text() {
        assert_eq!(
            made(r#"{"t": "id <$.messageId>, n <$.body.n>, o <$.body.o>, \"<$.plain>\"<$.x>"}"#),
            json!({"t": "id m\"1, n 5, o {\"k\":\"v\"}, \"hello\""})
        );
        assert_eq!(made(r#""Hello, <$.plain>""#), json!("Hello, hello"));
    }

    #[test]
    fn what_is_no_json_is_text() {
        assert_eq!(made("Hello, <$.plain>: <$.body.n> of <aws.pipes.source-arn>"), json!("Hello, hello: 5 of arn:s"));
        assert_eq!(made("a < b > c"), json!("a < b > c"));
    }

    #[test]
    fn a_pipe_has_names() {
        let all =
            "<aws.pipes.pipe-arn> <aws.pipes.enrichment-arn> <aws.pipes.target-arn> <aws.pipes.event.ingestion-time>";
        assert_eq!(made(all), json!("arn:p arn:e arn:t 2026-01-01T00:00:00Z"));
        assert_eq!(made("<aws.pipes.event.json>")["body"]["n"], json!(5));
        assert!(made("<aws.pipes.event>")["body"].is_string());
    }

    #[test]
    fn without_one_the_event_stays() {
        assert_eq!(apply(None, &json!({"a": "{}"}), &names()), json!({"a": "{}"}));
        assert_eq!(apply(Some(""), &json!([1]), &names()), json!([1]));
    }

    #[test]
    fn variables_that_there_are_not_are_told() {
        assert_eq!(unknown_variable("<aws.pipes.event> <$.a> <b>"), None);
        assert_eq!(unknown_variable("{\"a\": <aws.pipes.name>}"), Some("aws.pipes.name"));
    }
}
