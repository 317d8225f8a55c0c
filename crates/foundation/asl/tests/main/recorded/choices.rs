//! Operators of choices, as AWS was seen to decide.

use serde_json::{Map, Value, json};

use crate::choices::chosen;

/// `test_string_less_than_path`: `StringLessThanPath`.
fn operator(name: &str) -> String {
    let name = name.rsplit("::test_").next().unwrap();
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(capital).collect()
}

/// Moments are masked in what was recorded.
fn is_masked(case: &Value) -> bool {
    case["Variable"] == "date"
}

#[test]
fn operators_decide_as_aws_recorded_them() {
    let Some(folder) = super::folder() else { return };
    let mut count = 0;
    for file in std::fs::read_dir(folder.join("aws-recorded/stepfunctions/v2/choice_operators")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let scenarios: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for (name, scenario) in scenarios {
            let operator = operator(&name);
            for case in scenario["cases"].as_array().unwrap() {
                let mut input = case["input"].clone();
                if is_masked(&input) {
                    continue;
                }
                if input["Value"] == "date" {
                    input["Value"] = json!("2030-03-01T12:00:00Z");
                }
                let right = if operator.ends_with("Path") { json!("$.Value") } else { input["Value"].clone() };
                let rule = json!({ "Variable": "$.Variable", operator.as_str(): right });
                let wanted = case["output"]["TestResult.$"] == "ConditionTrue";
                assert_eq!(chosen(&rule, &input, "JSONPath"), Ok(wanted), "{operator} {input}");
                count += 1;
            }
        }
    }
    println!("{count} cases");
    assert!(count >= 320, "{count} cases");
}
