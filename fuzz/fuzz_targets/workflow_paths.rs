//! Any text as a path, a reference path, a call of an intrinsic function: never a panic, never a stack overflow; what is
//! accepted can be evaluated, and soon.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use updraft_expr::states::{Expression, ReferencePath, Scope, Template};
use updraft_kernel::SeededRng;

fuzz_target!(|text: &str| {
    let (input, context, variables) = (input(), json!({"Execution": {"Name": "run"}}), Map::new());
    let scope = Scope { input: &input, context: &context, variables: &variables };
    if let Ok(expression) = Expression::parse(text) {
        assert_eq!(expression.text(), text);
        // A value or a failure: both are answers.
        drop(expression.evaluate("field.$", &scope, &SeededRng::new(1)));
    }
    if let Ok(path) = ReferencePath::parse(text) {
        let mut value = json!({});
        if path.insert(&mut value, json!(1)).is_ok() {
            assert_eq!(path.path().read_from(&value), Ok(json!(1)));
        }
    }
    if let Ok(template) = serde_json::from_str::<Value>(text).map(|value| Template::parse(&value)) {
        drop(template.map(|template| template.evaluate(&scope, &SeededRng::new(1))));
    }
});

fn input() -> Value {
    json!({"a": [{"b": 1, "c": "x"}, {"b": 2}], "d": {"e": [1, 2, 3]}, "f": null})
}
