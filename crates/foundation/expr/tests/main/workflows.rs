//! Step Functions' functions and paths, against executions that AWS made.

use serde_json::{Map, Value, json};
use updraft_expr::jsonata::{Bindings, Expression, Limits};
use updraft_expr::states::{Path, Scope, Template};
use updraft_kernel::{SeededRng, UnixMillis};

use crate::recordings;

/// What the recorded workflows' one state fills in, by the scenario's name.
const CALLS: [(&str, &str, &str); 6] = [
    ("test_array", "test_array_2", "States.Array($.FunctionInput.fst, $.FunctionInput.snd)"),
    ("test_array", "test_array_length", "States.ArrayLength($.FunctionInput)"),
    ("test_encode_decode", "test_base_64_decode", "States.Base64Decode($.FunctionInput)"),
    (
        "test_generic",
        "test_format_2",
        "States.Format('Formatting arguments fst={} and snd={}.', $.FunctionInput.fst, $.FunctionInput.snd)",
    ),
    ("test_json_manipulation", "test_string_to_json", "States.StringToJson($.FunctionInput)"),
    ("test_string_operations", "test_string_split", "States.StringSplit($.FunctionInput.fst, $.FunctionInput.snd)"),
];

#[test]
fn functions_give_what_they_gave() {
    let Some(folder) = recordings("aws-recorded/stepfunctions/v2/intrinsic_functions") else { return };
    let mut count = 0;
    for (file, scenario, call) in CALLS {
        let template = Template::parse(&json!({ "FunctionResult.$": call })).unwrap();
        let text = std::fs::read_to_string(folder.join(format!("{file}.json"))).unwrap();
        let scenarios: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for (_, answers) in scenarios.iter().filter(|(name, _)| name.ends_with(&format!("::{scenario}"))) {
            for (input, output) in answers.as_object().unwrap().values().filter_map(execution) {
                let (context, variables) = (json!({}), Map::new());
                let scope = Scope { input, context: &context, variables: &variables };
                let result = template.evaluate(&scope, &SeededRng::new(1)).unwrap();
                assert_eq!(&result, output, "{call} of {input}");
                count += 1;
            }
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn a_filter_gives_what_it_gave() {
    let Some(folder) = recordings("aws-recorded/stepfunctions/v2/base") else { return };
    let text = std::fs::read_to_string(folder.join("test_base.json")).unwrap();
    let scenarios: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let (_, answers) = scenarios.iter().find(|(name, _)| name.contains("pass_regex_json_path_base")).unwrap();
    let (input, output) = execution(&answers["get_execution_history"]).unwrap();
    let found = Path::parse("$.users[?(@.status == 0)]").unwrap().read_from(input).unwrap();
    assert_eq!(found, output["FromInput"]);
}

#[test]
fn parse_gives_what_it_gave() {
    let Some(folder) = recordings("aws-recorded/stepfunctions/v2/intrinsic_functions") else { return };
    let text = std::fs::read_to_string(folder.join("test_json_manipulation_jsonata.json")).unwrap();
    let scenarios: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let parse = Expression::parse("$parse($states.input.FunctionInput)").unwrap();
    let mut count = 0;
    for (input, output) in scenarios.values().flat_map(|all| all.as_object().unwrap().values()).filter_map(execution) {
        let (states, variables, rng) = (json!({ "input": input }), Map::new(), SeededRng::new(1));
        let (now, limits) = (UnixMillis(0), Limits::default());
        let bindings = Bindings { states: &states, variables: &variables, rng: &rng, now, limits };
        // Objects were recorded as such, and everything else as its text.
        let result = parse.evaluate("Output", &bindings).unwrap();
        let result = if result.is_object() { result } else { Value::from(result.to_string()) };
        assert_eq!(&result, output, "{input}");
        count += 1;
    }
    assert!(count > 5, "{count}");
}

/// Its input and its output.
fn execution(history: &Value) -> Option<(&Value, &Value)> {
    let events = history.get("events")?.as_array()?;
    let input = events.iter().find_map(|event| event.pointer("/executionStartedEventDetails/input"))?;
    let output = events.iter().find_map(|event| event.pointer("/executionSucceededEventDetails/output"))?;
    Some((input, output))
}
