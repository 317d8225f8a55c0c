//! `InputTransformer`: a template with placeholders, filled from an event.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;
use updraft_api_events::types::InputTransformer;
use updraft_expr::json_path::JsonPath;

use super::event::{Event, moment};

/// What every template knows by itself.
const RESERVED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// The rule that an event goes through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Through<'a> {
    pub(crate) arn: &'a str,
    pub(crate) name: &'a str,
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    /// Between `<` and `>`, and whether it stands within a JSON string.
    Placeholder(&'a str, bool),
}

/// The first placeholder that nothing is known of.
pub(crate) fn unknown_placeholder(transformer: &InputTransformer) -> Option<&str> {
    let known = transformer.input_paths_map.as_ref();
    let unknown = |name: &&str| !RESERVED.contains(name) && !known.is_some_and(|known| known.contains_key(*name));
    let placeholders = parts(&transformer.input_template).into_iter().filter_map(|part| match part {
        Part::Placeholder(name, _) => Some(name),
        Part::Text(_) => None,
    });
    placeholders.into_iter().find(unknown)
}

/// `None`: what comes of it is no JSON.
pub(crate) fn filled(transformer: &InputTransformer, event: &Event, through: Through<'_>) -> Option<String> {
    let whole = event.value();
    let no_paths = BTreeMap::new();
    let paths = transformer.input_paths_map.as_ref().unwrap_or(&no_paths);
    let text_only = transformer.input_template.trim_start().starts_with('"');
    let mut out = String::with_capacity(transformer.input_template.len());
    for part in parts(&transformer.input_template) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Placeholder(name, quoted) => {
                let value = match paths.get(name) {
                    Some(path) => JsonPath::parse(path).and_then(|path| path.find(&whole)),
                    None => reserved(name, event, (&whole, through)),
                };
                put(&mut out, value, (quoted, text_only));
            }
        }
    }
    is_json(&out).then_some(out)
}

fn reserved(name: &str, event: &Event, (whole, through): (&Value, Through<'_>)) -> Option<Value> {
    match name {
        "aws.events.rule-arn" => Some(through.arn.into()),
        "aws.events.rule-name" => Some(through.name.into()),
        "aws.events.event.ingestion-time" => Some(moment(event.ingested).into()),
        "aws.events.event.json" => Some(whole.clone()),
        "aws.events.event" => {
            let mut without = whole.as_object()?.clone();
            without.shift_remove("detail");
            Some(Value::Object(without))
        }
        _ => None,
    }
}

/// AWS: within a template that is text, objects and lists lose their quotation marks; within a string of a JSON
/// template they keep them, which is no JSON then. What isn't there is an empty text.
fn put(out: &mut String, value: Option<Value>, (quoted, text_only): (bool, bool)) {
    match value {
        None => out.push_str(if quoted { "" } else { "\"\"" }),
        Some(Value::String(text)) if quoted => {
            let literal = Value::String(text).to_string();
            out.push_str(literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default());
        }
        Some(Value::Null) if quoted => {}
        Some(value) if quoted && text_only => out.push_str(&value.to_string().replace(['"', '\\'], "")),
        Some(value) => out.push_str(&value.to_string()),
    }
}

/// AWS: a text may have several lines, each a JSON string.
fn is_json(text: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    json(text)
        || text.lines().filter(|line| !line.trim().is_empty()).all(|line| line.trim().starts_with('"') && json(line))
}

fn parts(template: &str) -> Vec<Part<'_>> {
    let (mut parts, mut quoted, mut start, mut from) = (Vec::new(), false, 0, 0);
    while let Some(at) = template.get(from..).and_then(|rest| rest.find(['"', '\\', '<'])).map(|at| at + from) {
        from = at + 1;
        match template.as_bytes().get(at) {
            Some(b'"') => quoted = !quoted,
            Some(b'\\') => from += template.get(from..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8),
            _ => {
                let Some(name) = template.get(from..).and_then(placeholder) else { continue };
                parts.extend(template.get(start..at).filter(|text| !text.is_empty()).map(Part::Text));
                parts.push(Part::Placeholder(name, quoted));
                from += name.len() + 1;
                start = from;
            }
        }
    }
    parts.extend(template.get(start..).filter(|text| !text.is_empty()).map(Part::Text));
    parts
}

/// The name up to `>`.
fn placeholder(rest: &str) -> Option<&str> {
    let name = rest.split_once('>')?.0;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && name.chars().all(legal)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::tests::event;

    const DETAIL: &str = r#"{"payload":{"acc_id":"0a","sf_id":"baz"},"one":["HIGH"],"two":["ACTIVE","INACTIVE"],"text":"a \"b\"","n":5}"#;

    fn transformer(template: &str) -> InputTransformer {
        let paths = ["payload", "one", "two", "text", "n", "missing"];
        let paths = paths.map(|name| (name.to_owned(), format!("$.detail.{name}"))).into();
        InputTransformer { input_paths_map: Some(paths), input_template: template.to_owned() }
    }

    fn of(template: &str) -> Option<String> {
        filled(&transformer(template), &event(DETAIL), Through { arn: "arn", name: "rule" })
    }

    /// Recorded: `test_input_transformer_nested_keys_replacement`.
    #[test]
    fn objects_and_lists_in_a_text_lose_their_marks() {
        let told = of(r#""<one> one <two> two <missing> system <payload> payload""#).unwrap();
        assert_eq!(told, r#""[HIGH] one [ACTIVE,INACTIVE] two  system {acc_id:0a,sf_id:baz} payload""#);
        assert_eq!(of(r#""<text> <n>""#).unwrap(), r#""a \"b\" 5""#);
    }

    #[test]
    fn values_stand_in_json_as_they_are() {
        assert_eq!(of(r#"{"a": <one>, "b": <missing>, "c": <n>}"#).unwrap(), r#"{"a": ["HIGH"], "b": "", "c": 5}"#);
        assert_eq!(of(r#"{"a": "<text>", "b": <text>}"#).unwrap(), r#"{"a": "a \"b\"", "b": "a \"b\""}"#);
    }

    /// Recorded, too: nothing is delivered.
    #[test]
    fn what_is_no_json_in_the_end_is_nothing() {
        assert_eq!(of(r#"{"a": "<one>"}"#), None);
        assert_eq!(of("<two> multiple list items"), None);
        assert_eq!(of("\"<n>\"\n\"<text>\"").unwrap(), "\"5\"\n\"a \\\"b\\\"\"");
    }

    #[test]
    fn some_names_are_known_by_themselves() {
        let told = of(r#""<aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>""#).unwrap();
        assert_eq!(told, r#""arn rule 2023-11-14T22:13:21Z""#);
        let whole: Value = serde_json::from_str(&of("<aws.events.event.json>").unwrap()).unwrap();
        assert_eq!(whole["detail"]["n"], 5);
        let without: Value = serde_json::from_str(&of(r#"{"e": <aws.events.event>}"#).unwrap()).unwrap();
        assert_eq!((without["e"]["id"].as_str(), without["e"].get("detail")), (Some("i"), None));
    }

    #[test]
    fn placeholders_must_be_known() {
        assert_eq!(unknown_placeholder(&transformer(r#""<one> <nobody> \"<x""#)), Some("nobody"));
        assert_eq!(unknown_placeholder(&transformer(r#"{"a<b": "<one>", "c": <aws.events.event>}"#)), None);
    }
}
