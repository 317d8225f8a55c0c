//! A choice's rules in few words.

use serde_json::Value;

use crate::api::{list, text};

/// What has to be so for the rule's way to be taken.
pub(super) fn said(rule: &Value) -> String {
    let written = text(rule, "Condition");
    if !written.is_empty() {
        return written.trim().trim_start_matches("{%").trim_end_matches("%}").trim().to_owned();
    }
    test(rule, false)
}

/// `within`: beside others, so that what is joined takes brackets.
fn test(rule: &Value, within: bool) -> String {
    for (name, word) in [("And", " and "), ("Or", " or ")] {
        let parts = list(rule, name);
        if !parts.is_empty() {
            let joined = parts.iter().map(|part| test(part, true)).collect::<Vec<_>>().join(word);
            return if within { format!("({joined})") } else { joined };
        }
    }
    if let Some(not) = rule.get("Not") {
        return format!("not {}", test(not, true));
    }
    let variable = text(rule, "Variable");
    let told = rule.as_object().into_iter().flatten();
    let test = told.filter(|(name, _)| !matches!(name.as_str(), "Variable" | "Next" | "Comment" | "Assign" | "Output"));
    test.map(|(name, value)| compared(variable, name, value)).next().unwrap_or_default()
}

fn compared(variable: &str, operator: &str, value: &Value) -> String {
    if let Some(what) = operator.strip_prefix("Is") {
        let not = if value == &Value::Bool(true) { "is" } else { "isn't" };
        return format!("{variable} {not} {}", what.to_lowercase());
    }
    let bare = operator.trim_end_matches("Path");
    let sign = [
        ("GreaterThanEquals", "≥"),
        ("LessThanEquals", "≤"),
        ("GreaterThan", ">"),
        ("LessThan", "<"),
        ("Equals", "="),
        ("Matches", "matches"),
    ];
    let sign = sign.into_iter().find(|(name, _)| bare.ends_with(name)).map_or(bare, |(_, sign)| sign);
    format!("{variable} {sign} {value}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_said_as_one_would_say_them() {
        for (rule, words) in [
            (json!({ "Variable": "$.total", "NumericGreaterThanEquals": 100, "Next": "A" }), "$.total ≥ 100"),
            (json!({ "Variable": "$.a", "StringEqualsPath": "$.b", "Next": "A" }), "$.a = \"$.b\""),
            (json!({ "Variable": "$.a", "IsPresent": false }), "$.a isn't present"),
            (json!({ "Not": { "Variable": "$.a", "BooleanEquals": true } }), "not $.a = true"),
            (
                json!({ "Or": [{ "Variable": "$.a", "IsNull": true }, { "And": [{ "Variable": "$.b", "NumericLessThan": 1 },
                    { "Variable": "$.c", "StringMatches": "x*" }] }] }),
                "$.a is null or ($.b < 1 and $.c matches \"x*\")",
            ),
            (json!({ "Condition": "{% $total > 3 %}", "Next": "A" }), "$total > 3"),
            (json!({}), ""),
        ] {
            assert_eq!(said(&rule), words);
        }
    }
}
