use std::collections::BTreeSet;

use serde_json::json;
use updraft_kernel::SeededRng;

use super::{store, variables};
use crate::states::{ErrorName, EvaluationError, Scope, Template};

#[test]
fn fields_with_a_dollar_are_filled_in_and_keep_their_place() {
    let template = Template::parse(&json!({
        "z.$": "$.text", "literal": "$.text", "deep": {"list": [1, {"n.$": "$order.id"}]}, "call.$": "States.Array(1)", "$": 1
    }));
    let (input, context, variables) = (store(), json!({}), variables());
    let scope = Scope { input: &input, context: &context, variables: &variables };
    let template = template.unwrap();
    let filled = template.evaluate(&scope, &SeededRng::new(1)).unwrap();
    let wanted = r#"{"z":"plain","literal":"$.text","deep":{"list":[1,{"n":7}]},"call":[1],"$":1}"#;
    assert_eq!(filled.to_string(), wanted);
    let mut found = BTreeSet::new();
    template.variables(&mut found);
    assert_eq!(found, ["order".to_owned()].into());
    assert!(!template.is_literal());
    assert!(Template::parse(&json!({"a": [{}]})).unwrap().is_literal());
}

#[test]
fn what_is_neither_path_nor_call_is_named_with_its_place() {
    let value = json!({"a": [{}, {"x.$": "plain"}], "b/c": {"y.$": 3}});
    let first = Template::parse(&value).unwrap_err();
    assert_eq!((first.field.as_str(), first.within.as_str()), ("x.$", "/a/1"));
    assert_eq!(
        first.to_string(),
        "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call"
    );
    let within: Vec<String> = Template::errors(&value).into_iter().map(|error| error.within).collect();
    assert_eq!(within, ["/a/1", "/b~1c"]);
}

#[test]
fn a_path_that_leads_nowhere_fails_the_whole() {
    let (input, context, variables) = (json!({"int": 0}), json!({}), variables());
    let scope = Scope { input: &input, context: &context, variables: &variables };
    let template = Template::parse(&json!({"deep": {"value.$": "$.no_such_jsonpath"}})).unwrap();
    let error = template.evaluate(&scope, &SeededRng::new(1)).unwrap_err();
    assert!(matches!(error, EvaluationError::Missing { .. }));
    assert_eq!(error.name(), ErrorName::Runtime);
    assert_eq!(
        error.to_string(),
        "The JSONPath '$.no_such_jsonpath' specified for the field 'value.$' could not be found in the input '{\"int\":0}'"
    );
}
