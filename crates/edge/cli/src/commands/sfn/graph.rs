//! A definition as text, with what became of each state.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::seen::{Fate, Seen};
use crate::out::{Look, To};

/// One line for each state, and one for each way out of it.
pub(super) fn drawn(definition: &Value, seen: &Seen) -> Vec<String> {
    let mut lines = Vec::new();
    machine(definition, seen, "", &mut lines);
    lines
}

fn machine(machine: &Value, seen: &Seen, indent: &str, lines: &mut Vec<String>) {
    let Some(states) = machine.get("States").and_then(Value::as_object) else { return };
    let widest = states.keys().map(|name| name.chars().count()).max().unwrap_or_default();
    for name in order(machine, states) {
        let Some(of) = states.get(name) else { continue };
        let kind = of.get("Type").and_then(Value::as_str).unwrap_or_default();
        let pad = " ".repeat(widest - name.chars().count());
        let told = format!("{indent}{} {name}{pad}  {kind:<8} {}", mark(seen, name), seen.told(name));
        lines.push(told.trim_end().to_owned());
        let ways = ways(of);
        for (n, (to, why)) in ways.iter().enumerate() {
            let corner = if n + 1 == ways.len() { "└" } else { "├" };
            let taken = seen.taken(name, to);
            let line = format!("{indent}  {corner}{} {to}{why}", if taken { "━▶" } else { "─▷" });
            lines.push(To::Answer.paint(if taken { Look::Bold } else { Look::Dim }, &line));
        }
        for (title, inner) in within(of) {
            lines.push(format!("{indent}  {title}"));
            self::machine(inner, seen, &format!("{indent}    "), lines);
        }
    }
}

fn mark(seen: &Seen, name: &str) -> String {
    match seen.fate(name) {
        Fate::Never => To::Answer.paint(Look::Dim, "·"),
        Fate::Left => To::Answer.paint(Look::Green, "✓"),
        Fate::Stuck => To::Answer.paint(Look::Red, "✗"),
    }
}

/// As they are reached, and then those that aren't.
fn order<'a>(machine: &'a Value, states: &'a Map<String, Value>) -> Vec<&'a str> {
    let start = machine.get("StartAt").and_then(Value::as_str);
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    let mut open: Vec<&str> = start.into_iter().collect();
    while let Some(name) = open.pop() {
        if !known.insert(name) {
            continue;
        }
        found.push(name);
        let next = states.get(name).map(ways).unwrap_or_default();
        open.extend(next.into_iter().rev().map(|(to, _)| to));
    }
    found.extend(states.keys().map(String::as_str).filter(|name| !known.contains(name)));
    found
}

/// Where it may go from a state, and when.
fn ways(state: &Value) -> Vec<(&str, String)> {
    let mut ways = Vec::new();
    for (n, choice) in list(state, "Choices").enumerate() {
        let when = text(choice, "Condition").map_or_else(|| format!("choice {}", n + 1), str::to_owned);
        ways.extend(text(choice, "Next").map(|to| (to, format!("  ({when})"))));
    }
    ways.extend(text(state, "Default").map(|to| (to, "  (default)".to_owned())));
    ways.extend(text(state, "Next").map(|to| (to, String::new())));
    for catch in list(state, "Catch") {
        let errors: Vec<&str> = list(catch, "ErrorEquals").filter_map(Value::as_str).collect();
        ways.extend(text(catch, "Next").map(|to| (to, format!("  (catch {})", errors.join(", ")))));
    }
    ways
}

fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str()
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn within(state: &Value) -> Vec<(String, &Value)> {
    let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
    let branches = branches.enumerate().map(|(n, branch)| (format!("branch {}:", n + 1), branch));
    let each = ["ItemProcessor", "Iterator"].into_iter().filter_map(|name| state.get(name));
    branches.chain(each.map(|inner| ("each item:".to_owned(), inner))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_stand_in_the_order_of_the_way_through_them() {
        let branch = json!({ "StartAt": "B", "States": { "B": { "Type": "Pass", "End": true } } });
        let definition = json!({ "StartAt": "C", "States": {
            "Lost": { "Type": "Succeed" },
            "Par": { "Type": "Parallel", "Branches": [branch], "End": true,
                     "Catch": [{ "ErrorEquals": ["E"], "Next": "No" }] },
            "No": { "Type": "Fail" },
            "C": { "Type": "Choice", "Choices": [{ "Condition": "{% $x %}", "Next": "Par" }], "Default": "No" },
        }});
        let mut seen = Seen::default();
        for event in [
            json!({ "id": 2, "previousEventId": 0, "type": "ChoiceStateEntered", "timestamp": 1.0,
                    "stateEnteredEventDetails": { "name": "C" } }),
            json!({ "id": 3, "previousEventId": 2, "type": "ChoiceStateExited", "timestamp": 1.25,
                    "stateExitedEventDetails": { "name": "C" } }),
            json!({ "id": 4, "previousEventId": 3, "type": "FailStateEntered", "timestamp": 1.25,
                    "stateEnteredEventDetails": { "name": "No" } }),
        ] {
            seen.add(&event);
        }
        assert_eq!(
            drawn(&definition, &seen),
            [
                "✓ C     Choice   250 ms",
                "  ├─▷ Par  ({% $x %})",
                "  └━▶ No  (default)",
                "· Par   Parallel",
                "  └─▷ No  (catch E)",
                "  branch 1:",
                "    · B  Pass",
                "✗ No    Fail",
                "· Lost  Succeed",
            ]
        );
    }
}
