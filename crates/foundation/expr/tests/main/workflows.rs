//! Step Functions' functions and paths, against executions that AWS made.

use serde_json::{Map, Value, json};
use updraft_expr::states::{Scope, Template};
use updraft_kernel::SeededRng;

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

/// Its input and its output.
fn execution(history: &Value) -> Option<(&Value, &Value)> {
    let events = history.get("events")?.as_array()?;
    let input = events.iter().find_map(|event| event.pointer("/executionStartedEventDetails/input"))?;
    let output = events.iter().find_map(|event| event.pointer("/executionSucceededEventDetails/output"))?;
    Some((input, output))
}
