//! What may be a mistake in a definition and is none by itself: values that look as if they were to be filled in, and aren't.

use serde_json::{Map, Value};

use super::Diagnostic;

/// Fields whose members are filled in where their names end in `.$`.
const TEMPLATES: [&str; 4] = ["Parameters", "ResultSelector", "ItemSelector", "Assign"];

/// Fields of states that hold something else than a value.
const NAMES: [&str; 8] = ["Type", "Comment", "QueryLanguage", "Next", "Default", "Resource", "Label", "Variable"];

/// In the order of the text. States of JSONata have none of these.
pub fn warnings(text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Ok(Value::Object(whole)) = serde_json::from_str(text) {
        of_machine(&mut found, (&whole, ""), false);
    }
    found
}

fn of_machine(found: &mut Vec<Diagnostic>, (machine, at): (&Map<String, Value>, &str), outer: bool) {
    let jsonata = is_jsonata(machine, outer);
    let states = machine.get("States").and_then(Value::as_object);
    for (name, state) in states.into_iter().flatten() {
        if let Some(state) = state.as_object() {
            of_state(found, (state, &format!("{at}/States/{name}")), jsonata);
        }
    }
}

fn is_jsonata(of: &Map<String, Value>, outer: bool) -> bool {
    of.get("QueryLanguage").map_or(outer, |language| language == "JSONata")
}

fn of_state(found: &mut Vec<Diagnostic>, (state, at): (&Map<String, Value>, &str), outer: bool) {
    let jsonata = is_jsonata(state, outer);
    for (name, value) in state {
        let at = format!("{at}/{name}");
        match (name.as_str(), value) {
            ("Branches", Value::Array(branches)) => {
                for (n, branch) in branches.iter().enumerate() {
                    branch.as_object().into_iter().for_each(|branch| {
                        of_machine(found, (branch, &format!("{at}[{n}]")), outer);
                    });
                }
            }
            ("ItemProcessor" | "Iterator", Value::Object(processor)) => of_machine(found, (processor, &at), outer),
            _ if jsonata => {}
            ("Result", value) if is_dynamic_within(value) => {
                say(found, "PASS_RESULT_IS_STATIC", &at, "The Result of a Pass is static: nothing in it is evaluated");
            }
            (name, value) if TEMPLATES.contains(&name) => of_template(found, value, &at),
            ("Choices", Value::Array(rules)) => {
                rules.iter().enumerate().for_each(|(n, rule)| of_rule(found, rule, &format!("{at}[{n}]")));
            }
            (name, value) => of_field(found, name, value, &at),
        }
    }
}

/// `Error`, `Timestamp`, `StringEquals` and so on.
fn of_field(found: &mut Vec<Diagnostic>, name: &str, value: &Value, at: &str) {
    if !name.ends_with("Path") && !NAMES.contains(&name) && value.as_str().is_some_and(is_path) {
        let message =
            format!("The value of the field '{name}' looks like a path, but its name does not end with 'Path'");
        say(found, "NO_PATH", at, &message);
    }
}

fn of_rule(found: &mut Vec<Diagnostic>, rule: &Value, at: &str) {
    for (name, value) in rule.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        match (name.as_str(), value) {
            ("Assign", value) => of_template(found, value, &at),
            ("And" | "Or", Value::Array(rules)) => {
                rules.iter().enumerate().for_each(|(n, rule)| of_rule(found, rule, &format!("{at}[{n}]")));
            }
            ("Not", rule) => of_rule(found, rule, &at),
            (name, value) => of_field(found, name, value, &at),
        }
    }
}

fn of_template(found: &mut Vec<Diagnostic>, value: &Value, at: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !name.ends_with(".$")) {
                let at = format!("{at}/{name}");
                if value.as_str().is_some_and(is_dynamic) {
                    let what = "looks like a JSONPath or an intrinsic function, but its name does not end with '.$'";
                    say(found, "NO_DOLLAR", &at, &format!("The value of the field '{name}' {what}"));
                }
                of_template(found, value, &at);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| of_template(found, item, &format!("{at}[{n}]")));
        }
        _ => {}
    }
}

fn is_dynamic_within(value: &Value) -> bool {
    match value {
        Value::String(text) => is_dynamic(text),
        Value::Array(items) => items.iter().any(is_dynamic_within),
        Value::Object(members) => members.values().any(is_dynamic_within),
        _ => false,
    }
}

fn is_dynamic(text: &str) -> bool {
    is_path(text) || text.starts_with("States.") && text.contains('(') && text.ends_with(')')
}

fn is_path(text: &str) -> bool {
    let rest = text.strip_prefix("$$").or_else(|| text.strip_prefix('$'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn say(found: &mut Vec<Diagnostic>, code: &'static str, at: &str, message: &str) {
    found.push(Diagnostic { code, message: message.to_owned(), location: Some(at.to_owned()) });
}
