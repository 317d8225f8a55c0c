//! `Choice`: every operator, both sides of it.

use serde_json::{Value, json};
use updraft_asl::run::{Ending, Signal};

use super::walked::{Walk, definition};

/// What a choice of one rule comes to: whether the rule holds, or the error.
pub(super) fn chosen(rule: &Value, input: &Value, language: &str) -> Result<bool, String> {
    let mut branch = rule.clone();
    branch["Next"] = json!("Yes");
    let definition = definition(&json!({
        "QueryLanguage": language, "StartAt": "C", "States": {
            "C": { "Type": "Choice", "Choices": [branch], "Default": "No" },
            "Yes": { "Type": "Succeed" }, "No": { "Type": "Succeed" },
        },
    }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(input.to_string()));
    let entered = |name: &str| {
        walk.events.iter().any(|event| event.details.as_ref().is_some_and(|details| details["name"] == name))
    };
    match walk.ending() {
        Some(Ending::Succeeded(_)) => Ok(entered("Yes")),
        Some(Ending::Failed { error, cause }) => {
            Err(format!("{}: {}", error.as_deref().unwrap_or_default(), cause.as_deref().unwrap_or_default()))
        }
        other => panic!("{other:?}"),
    }
}

fn holds(rule: &Value, input: &Value) -> bool {
    chosen(rule, input, "JSONPath").unwrap()
}

/// Less, equal, greater.
type Sides = (Value, Value, Value);

/// What is compared, and what isn't of that kind.
fn kinds() -> [(&'static str, Sides, Value); 3] {
    let day = |text: &str| json!(text);
    [
        ("String", (json!("A"), json!("B"), json!("a")), json!(1)),
        ("Numeric", (json!(-1.5), json!(2), json!(2.5)), json!("2")),
        (
            "Timestamp",
            // The second one is the same moment as 2030-03-01T12:00:00Z.
            (day("2030-03-01T11:59:59.999Z"), day("2030-03-01T13:00:00+01:00"), day("2030-03-01T12:00:01Z")),
            json!("yesterday"),
        ),
    ]
}

/// For less, equal and greater.
const RELATIONS: [(&str, [bool; 3]); 5] = [
    ("Equals", [false, true, false]),
    ("LessThan", [true, false, false]),
    ("LessThanEquals", [true, true, false]),
    ("GreaterThan", [false, false, true]),
    ("GreaterThanEquals", [false, true, true]),
];

#[test]
fn text_numbers_and_moments_are_compared_with_what_is_written_and_with_what_is_pointed_at() {
    for (kind, (less, equal, greater), other) in kinds() {
        let bound = if kind == "Timestamp" { json!("2030-03-01T12:00:00Z") } else { equal.clone() };
        for (relation, expected) in RELATIONS {
            let (fixed, path) = (format!("{kind}{relation}"), format!("{kind}{relation}Path"));
            for (left, wanted) in [&less, &equal, &greater].into_iter().zip(expected) {
                let input = json!({ "left": left, "right": bound });
                assert_eq!(
                    holds(&json!({ "Variable": "$.left", fixed.as_str(): bound }), &input),
                    wanted,
                    "{fixed} {left}"
                );
                let pointed = json!({ "Variable": "$.left", path.as_str(): "$.right" });
                assert_eq!(holds(&pointed, &input), wanted, "{path} {left}");
            }
            let input = json!({ "left": other, "right": bound });
            assert!(!holds(&json!({ "Variable": "$.left", fixed.as_str(): bound }), &input), "{fixed} {other}");
            let input = json!({ "left": equal, "right": other });
            assert!(!holds(&json!({ "Variable": "$.left", path.as_str(): "$.right" }), &input), "{path} {other}");
        }
    }
}

#[test]
fn booleans_are_only_equal_or_not() {
    for (left, right) in [(true, true), (true, false), (false, false)] {
        let input = json!({ "left": left, "right": right });
        assert_eq!(holds(&json!({ "Variable": "$.left", "BooleanEquals": right }), &input), left == right);
        assert_eq!(holds(&json!({ "Variable": "$.left", "BooleanEqualsPath": "$.right" }), &input), left == right);
    }
    assert!(!holds(&json!({ "Variable": "$.left", "BooleanEquals": false }), &json!({ "left": 0 })));
}

#[test]
fn kinds_of_values_are_told() {
    let values =
        json!({ "null": null, "text": "x", "number": 0, "yes": false, "moment": "2030-03-01T12:00:00Z", "list": [] });
    let cases = [
        ("IsNull", &["null"][..]),
        ("IsString", &["text", "moment"]),
        ("IsNumeric", &["number"]),
        ("IsBoolean", &["yes"]),
        ("IsTimestamp", &["moment"]),
        ("IsPresent", &["null", "text", "number", "yes", "moment", "list"]),
    ];
    for (operator, of) in cases {
        for name in values.as_object().unwrap().keys() {
            let wanted = of.contains(&name.as_str());
            for written in [true, false] {
                let rule = json!({ "Variable": format!("$.{name}"), operator: written });
                assert_eq!(holds(&rule, &values), wanted == written, "{operator} of {name}: {written}");
            }
        }
    }
    for (written, wanted) in [(true, false), (false, true)] {
        assert_eq!(holds(&json!({ "Variable": "$.none", "IsPresent": written }), &values), wanted);
    }
}

#[test]
fn stars_stand_for_anything_but_where_they_are_escaped() {
    let cases = [
        ("log-*.txt", "log-1.txt", true),
        ("log-*.txt", "log-.txt", true),
        ("log-*.txt", "blog-1.txt", false),
        ("*a*b*", "xaxbx", true),
        ("*a*b*", "xbxax", false),
        ("*", "", true),
        ("ab*ba", "aba", false),
        ("a\\*b", "a*b", true),
        ("a\\*b", "axb", false),
        ("a\\\\*", "a\\xyz", true),
        ("Zebra", "Zebra", true),
        ("Zebra", "zebra", false),
    ];
    for (pattern, text, wanted) in cases {
        let rule = json!({ "Variable": "$.t", "StringMatches": pattern });
        assert_eq!(holds(&rule, &json!({ "t": text })), wanted, "{pattern} {text}");
    }
    assert!(!holds(&json!({ "Variable": "$.t", "StringMatches": "*" }), &json!({ "t": 1 })));
}

#[test]
fn rules_stand_within_each_other() {
    let is = |name: &str| json!({ "Variable": format!("$.{name}"), "BooleanEquals": true });
    // a and not (b or (c and not d))
    let inner = json!({ "And": [is("c"), { "Not": is("d") }] });
    let rule = json!({ "And": [is("a"), { "Not": { "Or": [is("b"), inner] } }] });
    for bits in 0..16 {
        let [a, b, c, d] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
        let input = json!({ "a": a, "b": b, "c": c, "d": d });
        assert_eq!(holds(&rule, &input), a && !(b || (c && !d)), "{input}");
    }
    // What comes behind is not looked at.
    let lost = json!({ "Variable": "$.none", "IsNull": true });
    assert!(holds(&json!({ "Or": [is("a"), lost] }), &json!({ "a": true })));
    assert!(!holds(&json!({ "And": [is("a"), lost] }), &json!({ "a": false })));
}

#[test]
fn what_is_not_there_is_an_error_and_so_is_no_way_on() {
    let invalid = |path: &str| {
        let beginning = "States.Runtime: An error occurred while executing the state 'C' (entered at the event id #2).";
        format!("{beginning} Invalid path '{path}': The choice state's condition path references an invalid value.")
    };
    for rule in [
        json!({ "Variable": "$.none", "StringEquals": "x" }),
        json!({ "Variable": "$.none", "IsNull": true }),
        json!({ "Variable": "$.there", "NumericLessThanPath": "$.none" }),
    ] {
        assert_eq!(chosen(&rule, &json!({ "there": 1 }), "JSONPath"), Err(invalid("$.none")), "{rule}");
    }
    let states = json!({
        "C": { "Type": "Choice", "Choices": [{ "Variable": "$.n", "NumericEquals": 1, "Next": "S" }] },
        "S": { "Type": "Succeed" },
    });
    let definition = definition(&json!({ "StartAt": "C", "States": states }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(json!({ "n": 2 }).to_string()));
    let Some(Ending::Failed { error, .. }) = walk.ending() else { panic!("{:?}", walk.names) };
    assert_eq!(error.as_deref(), Some("States.NoChoiceMatched"));
}

#[test]
fn conditions_of_jsonata_say_yes_or_no() {
    let input = json!({ "n": 5, "name": "order-1", "tags": ["a", "b"], "at": "2030-03-01T12:00:00Z" });
    let cases = [
        ("$states.input.n > 4 and $states.input.n <= 5", true),
        ("$states.input.n = 4 or $not($exists($states.input.n))", false),
        ("'b' in $states.input.tags", true),
        ("$contains($states.input.name, /^order-[0-9]+$/)", true),
        ("$toMillis($states.input.at) < $toMillis('2030-03-01T13:00:00+01:00')", false),
        ("$type($states.input.tags) = 'array'", true),
    ];
    for (condition, wanted) in cases {
        let rule = json!({ "Condition": format!("{{% {condition} %}}") });
        assert_eq!(chosen(&rule, &input, "JSONata"), Ok(wanted), "{condition}");
    }
    assert_eq!(chosen(&json!({ "Condition": true }), &input, "JSONata"), Ok(true));
    for condition in ["$states.input.n", "$states.input.none", "'true'"] {
        let came = chosen(&json!({ "Condition": format!("{{% {condition} %}}") }), &input, "JSONata");
        let error = came.unwrap_err();
        assert!(error.starts_with("States.QueryEvaluationError: "), "{condition}: {error}");
    }
}
