use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use updraft_kernel::SeededRng;

use super::{NOW, variables};
use crate::jsonata::{Bindings, Expression, Limits, QueryError, Template, Type};

fn fill(template: &Value, states: &Value) -> Result<Value, QueryError> {
    let (variables, rng) = (variables(), SeededRng::new(5));
    let bindings = Bindings { states, variables: &variables, rng: &rng, now: NOW, limits: Limits::default() };
    Template::parse(template).unwrap().evaluate("Output", &bindings)
}

/// Of recordings: a space around makes a text of it, and `.$` means nothing.
#[test]
fn only_whole_texts_are_expressions() {
    let template = json!({
        "z": "{% $states.input %}", "not": " {% states.input %} ", "path.$": "$.a", "deep": [1, {"n": "{%$name%}"}],
        "half": "{% 1", "{% 1 %}": true
    });
    let filled = fill(&template, &json!({"input": [1]})).unwrap();
    let wanted =
        r#"{"z":[1],"not":" {% states.input %} ","path.$":"$.a","deep":[1,{"n":"Ada"}],"half":"{% 1","{% 1 %}":true}"#;
    assert_eq!(filled.to_string(), wanted);
    assert_eq!(fill(&json!("{% [1,2] %}"), &json!({})), Ok(json!([1, 2])));
    assert!(Template::parse(&json!({"a": ["$x"]})).unwrap().is_literal());
}

#[test]
fn an_error_says_where_its_expression_stands() {
    let error = fill(&json!({"a": {"list": [0, "{% $doesNotExist %}"]}}), &json!({})).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The JSONata expression '$doesNotExist' specified for the field 'Output/a/list[1]' returned nothing (undefined)."
    );
    assert_eq!((error.expression(), error.field()), ("$doesNotExist", "Output/a/list[1]"));
    let refused = Template::parse(&json!({"a": [{"b/c": "{% 1 + %}"}]})).unwrap_err();
    assert_eq!(refused.within, "/a/0/b~1c");
}

/// Of recordings.
#[test]
fn a_result_of_another_type_is_named() {
    let (states, variables, rng) = (json!({}), Map::new(), SeededRng::new(1));
    let bindings = Bindings { states: &states, variables: &variables, rng: &rng, now: NOW, limits: Limits::default() };
    for (text, found) in [
        ("1", "'number' for value: 1"),
        ("true", "'boolean' for value: true"),
        ("'string'", "'string' for value: \"string\""),
        ("null", "'null' for value: null"),
        ("{'foo':'bar'}", "'object' for value: {\"foo\":\"bar\"}"),
    ] {
        let error = Expression::parse(text).unwrap().evaluate_as(Type::Array, "Items", &bindings).unwrap_err();
        let wanted = format!(
            "The JSONata expression '{text}' specified for the field 'Items' returned an unexpected result type. Expected \
             'array', but was {found}"
        );
        assert_eq!(error.to_string(), wanted);
    }
}

#[test]
fn variables_are_those_that_are_read_and_not_set() {
    for (text, wanted) in [
        ("$a + $b.c", vec!["a", "b"]),
        ("$states.input & $states.context", vec![]),
        ("($x := $y; $x)", vec!["y"]),
        ("($x := $x + 1; $x)", vec!["x"]),
        ("function($p) { $p + $q }", vec!["q"]),
        ("$map($list, function($v, $i) { $v + $i }) ~> $sum", vec!["list", "sum"]),
        ("($f := function($n) { $f($n - $step) }; $f(1))", vec!["step"]),
        ("$states.input.items#$i[$i < $max]", vec!["max"]),
        ("$states.input.items@$e.{'x': $e, 'y': $z}", vec!["z"]),
        ("$states.input^(>$key)", vec!["key"]),
        ("$a ? $b : $c", vec!["a", "b", "c"]),
        ("'$notme'", vec![]),
        ("$join([$a], $b)", vec!["a", "b"]),
    ] {
        let mut found = BTreeSet::new();
        Expression::parse(text).unwrap().variables(&mut found);
        let found: Vec<&str> = found.iter().map(String::as_str).filter(|name| *name != "sum").collect();
        let wanted: Vec<&str> = wanted.into_iter().filter(|name| *name != "sum").collect();
        assert_eq!(found, wanted, "{text}");
    }
}
