//! Which variables each state reads, as DescribeStateMachine tells it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use updraft_expr::jsonata;

use crate::definition::Language;
use crate::lang::{Expression, Template};

type Object = Map<String, Value>;

/// State → the variables that it reads, without their `$`; states that read none aren't in it. Of a definition that
/// [`super::definition`] reads; of anything else, what can be read of it.
#[must_use]
pub fn references(definition: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    if let Ok(Value::Object(whole)) = serde_json::from_str(definition) {
        of_machine(&whole, language(&whole, Language::Paths), &mut found);
    }
    found
}

fn language(of: &Object, otherwise: Language) -> Language {
    match of.get("QueryLanguage").and_then(Value::as_str) {
        Some("JSONata") => Language::Jsonata,
        Some("JSONPath") => Language::Paths,
        _ => otherwise,
    }
}

fn of_machine(machine: &Object, around: Language, found: &mut BTreeMap<String, BTreeSet<String>>) {
    for (name, state) in machine.get("States").and_then(Value::as_object).into_iter().flatten() {
        let Some(state) = state.as_object() else { continue };
        let mut read = BTreeSet::new();
        of_fields(state, language(state, around), &mut read);
        if !read.is_empty() {
            found.insert(name.clone(), read);
        }
        let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
        let within = ["ItemProcessor", "Iterator"].iter().filter_map(|field| state.get(*field)).chain(branches);
        within.filter_map(Value::as_object).for_each(|inner| of_machine(inner, around, found));
    }
}

fn of_fields(fields: &Object, language: Language, read: &mut BTreeSet<String>) {
    for (name, value) in fields {
        match name.as_str() {
            // States of their own; what is taken as it is; where something goes to.
            "ItemProcessor" | "Iterator" | "Branches" | "Comment" | "Result" | "ResultPath" => {}
            "Parameters" | "ResultSelector" | "ItemSelector" | "BatchInput" | "Assign" | "Arguments" | "Output" => {
                of_template(value, language, read);
            }
            _ => of_value(name, value, language, read),
        }
    }
}

fn of_template(value: &Value, language: Language, read: &mut BTreeSet<String>) {
    match language {
        Language::Paths => Template::paths(value),
        Language::Jsonata => Template::jsonata(value),
    }
    .into_iter()
    .for_each(|template| template.variables(read));
}

fn of_value(name: &str, value: &Value, language: Language, read: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => of_fields(fields, language, read),
        Value::Array(items) => items.iter().for_each(|item| of_value(name, item, language, read)),
        Value::String(text) if language == Language::Paths && (name == "Variable" || name.ends_with("Path")) => {
            Expression::parse(text).into_iter().for_each(|expression| expression.variables(read));
        }
        Value::String(text) if language == Language::Jsonata => {
            let within = jsonata::Expression::within(text).map(jsonata::Expression::parse);
            within.into_iter().flatten().for_each(|expression| expression.variables(read));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(states: &Value) -> Value {
        json!(references(&json!({ "StartAt": "A", "States": states }).to_string()))
    }

    #[test]
    fn paths_calls_and_templates_read_variables() {
        let state = json!({
            "Type": "Map", "ItemsPath": "$list.all", "ResultPath": "$.not", "MaxConcurrencyPath": "$.no",
            "ItemSelector": { "a.$": "States.Format('{}', $text, $$.Map.Item.Index)", "NoPath": "$no" },
            "ItemReader": { "Parameters": { "Key.$": "$key" }, "ReaderConfig": { "MaxItemsPath": "$most" } },
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Assign": { "b.$": "$caught" }, "Next": "A" }],
            "ItemProcessor": { "StartAt": "B", "States": { "B": { "Type": "Choice", "Choices": [
                { "And": [{ "Variable": "$x", "StringEqualsPath": "$y" }], "Next": "A" },
            ] } } },
        });
        let told = json!({ "A": ["caught", "key", "list", "most", "text"], "B": ["x", "y"] });
        assert_eq!(of(&json!({ "A": state })), told);
    }

    #[test]
    fn queries_read_variables_that_they_dont_make() {
        let state = json!({
            "Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% ($own := 1; $own + $given) %}",
            "Assign": { "b": ["{% $states.input %}", "{% $sum([$one]) %}"] }, "Comment": "{% $no %}",
        });
        assert_eq!(of(&json!({ "A": state, "B": { "Type": "Pass" } })), json!({ "A": ["given", "one"] }));
    }
}
