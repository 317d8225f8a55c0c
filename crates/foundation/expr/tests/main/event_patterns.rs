//! EventBridge's: the suite of patterns with events for them, and the messages.

use std::path::Path;

use serde_json::{Map, Value};
use updraft_expr::pattern::{Pattern, RuleSet};

use crate::{quoted, recordings};

#[test]
fn every_case_of_the_suite_is_as_its_name_says() {
    let Some(folder) = recordings("event-patterns") else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let outcome = outcome(&path);
        let wanted = if name.ends_with("_EXC") {
            "refused"
        } else if name.ends_with("_NEG") {
            "no match"
        } else {
            "match"
        };
        if outcome != wanted {
            wrong.push(format!("{name}: {outcome}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty() && count > 70, "of {count}: {wrong:#?}");
}

fn outcome(path: &Path) -> &'static str {
    let case: Value = json5::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    match Pattern::parse(&case["EventPattern"].to_string()) {
        Err(_) => "refused",
        Ok(pattern) => {
            let alone = pattern.matches(&case["Event"]);
            let rules: RuleSet<u8> = [(1, pattern)].into_iter().collect();
            match (alone, rules.matching(&case["Event"]).as_slice()) {
                (true, [1]) => "match",
                (false, []) => "no match",
                _ => "a set of rules says otherwise",
            }
        }
    }
}

/// Every pattern of the suite in one set, and every event held against it.
#[test]
fn the_suites_patterns_match_together_as_alone() {
    let Some(folder) = recordings("event-patterns") else { return };
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let cases: Vec<Value> =
        files.map(|path| json5::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect();
    let patterns: Vec<(usize, Pattern)> =
        cases.iter().filter_map(|case| Pattern::parse(&case["EventPattern"].to_string()).ok()).enumerate().collect();
    let rules: RuleSet<usize> = patterns.iter().cloned().collect();
    for event in cases.iter().map(|case| &case["Event"]) {
        let alone = patterns.iter().filter(|(_, pattern)| pattern.matches(event)).map(|(id, _)| id);
        assert_eq!(rules.matching(event), alone.collect::<Vec<_>>(), "{event}");
    }
    assert!(rules.len() > 50, "{}", rules.len());
}

#[test]
fn messages_are_the_recorded_ones() {
    let Some(folder) = recordings("aws-recorded/events") else { return };
    let text = std::fs::read_to_string(folder.join("test_events_patterns.json")).unwrap();
    let scenarios: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let mut count = 0;
    for message in scenarios.values().flat_map(messages) {
        let Some(pattern) = quoted(&message) else { continue };
        let error = Pattern::parse(pattern).map(drop).unwrap_err();
        assert_eq!(format!("Event pattern is not valid. Reason: {error}"), message);
        count += 1;
    }
    assert!(count > 12, "{count}");
}

/// Every error's, in whatever answer of a scenario.
fn messages(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) if members.contains_key("Code") => {
            let message = members.get("MessageRaw").or_else(|| members.get("Message"));
            message.and_then(Value::as_str).map(str::to_owned).into_iter().collect()
        }
        Value::Object(members) => members.values().flat_map(messages).collect(),
        _ => Vec::new(),
    }
}
