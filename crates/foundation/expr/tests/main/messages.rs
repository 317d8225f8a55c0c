//! What workflows say when an expression or a path fails, against what AWS said.

use serde_json::{Map, Value, json};
use updraft_expr::jsonata::{Bindings, Expression, Limits, Type};
use updraft_expr::states::Path;
use updraft_kernel::{SeededRng, UnixMillis};

use crate::recordings;

const FOLDERS: [&str; 3] = ["scenarios", "assign", "states_variables"];

/// The causes of all failures that were recorded, each once.
fn causes() -> Option<Vec<String>> {
    let folder = recordings("aws-recorded/stepfunctions/v2")?;
    let mut causes = Vec::new();
    for file in FOLDERS.iter().flat_map(|name| std::fs::read_dir(folder.join(name)).unwrap()) {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        collect(&serde_json::from_str(&text).unwrap(), &mut causes);
    }
    causes.sort();
    causes.dedup();
    Some(causes)
}

fn collect(value: &Value, causes: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            causes.extend(members.get("cause").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, causes));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, causes)),
        _ => {}
    }
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(behind)?.0)
}

#[test]
fn failed_expressions_are_said_as_recorded() {
    let Some(causes) = causes() else { return };
    let mut count = 0;
    for cause in &causes {
        let Some(text) = between(cause, "The JSONata expression '", "' specified for the field '") else { continue };
        let (_, said) = cause.split_once("). ").unwrap();
        let field = between(cause, "specified for the field '", "' returned").unwrap();
        // The value that it was instead is in the message: it is given to whatever variable the expression names.
        let value = cause.split_once("for value: ").map(|(_, value)| serde_json::from_str::<Value>(value).unwrap());
        let variables: Map<String, Value> = value.map(|value| ("ItemsVar".to_owned(), value)).into_iter().collect();
        let (states, rng) = (json!({}), SeededRng::new(1));
        let (now, limits) = (UnixMillis(0), Limits::default());
        let bindings = Bindings { states: &states, variables: &variables, rng: &rng, now, limits };
        let expression = Expression::parse(text).unwrap();
        assert_eq!(expression.evaluate_as(Type::Array, field, &bindings).unwrap_err().to_string(), said);
        count += 1;
    }
    assert!(count > 8, "{count}");
}

#[test]
fn paths_that_lead_nowhere_are_said_as_recorded() {
    let Some(causes) = causes() else { return };
    let mut count = 0;
    for cause in &causes {
        if let Some(text) = between(cause, "Invalid path '", "' : ") {
            let (_, said) = cause.split_once("). ").unwrap();
            assert_eq!(Path::parse(text).unwrap().read_from(&json!({"a": 0})).unwrap_err().to_string(), said);
            count += 1;
        }
        if let Some(text) = between(cause, "The JSONPath '", "' specified for the field '") {
            let field = between(cause, "specified for the field '", "' could not").unwrap();
            let missing = Path::parse(text).unwrap().read_from(&json!({"a": 0})).unwrap_err();
            assert_eq!(missing.not_found(field, "<json-input:1>"), cause.split_once("). ").unwrap().1);
            count += 1;
        }
    }
    assert!(count > 3, "{count}");
}
