//! What is shared, and that nothing is left of what was taken away; that it is right is tested beside `Pattern`, in
//! `tests/`.

use super::*;

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

fn matching(rules: &RuleSet<&'static str>, event: &str) -> Vec<&'static str> {
    rules.matching(&serde_json::from_str(event).unwrap()).into_iter().copied().collect()
}

#[test]
fn rules_come_in_the_order_in_which_they_were_added() {
    let mut rules: RuleSet<_> = [("b", pattern(r#"{"x":[1]}"#)), ("a", pattern(r#"{"y":[2]}"#))].into_iter().collect();
    assert_eq!(matching(&rules, r#"{"x":1,"y":2}"#), ["b", "a"]);
    rules.add("b", pattern(r#"{"x":[1]}"#));
    assert_eq!(matching(&rules, r#"{"x":1,"y":2}"#), ["a", "b"], "it was added anew");
    assert_eq!((rules.len(), rules.is_empty()), (2, false));
}

#[test]
fn a_rule_is_told_once_and_in_its_last_form() {
    let mut rules = RuleSet::new();
    rules.add("a", pattern(r#"{"$or":[{"x":[1]},{"y":[{"prefix":"a"},{"suffix":"a"}]}]}"#));
    assert_eq!(matching(&rules, r#"{"x":1,"y":["a","aa"]}"#), ["a"]);
    rules.add("a", pattern(r#"{"x":[2]}"#));
    assert!(matching(&rules, r#"{"x":1,"y":"a"}"#).is_empty());
    assert_eq!(matching(&rules, r#"{"x":2}"#), ["a"]);
}

#[test]
fn nothing_is_left_of_what_was_removed() {
    let texts = [
        r#"{"a":["x",{"prefix":"x"},{"wildcard":"*x*"}],"b.c":[{"anything-but":["y"]}]}"#,
        r#"{"a":["x"],"b":{"c":[{"exists":false}]}}"#,
        r#"{"a":[{"numeric":[">",1]},{"cidr":"10.0.0.0/8"},null,true,1]}"#,
    ];
    let mut rules: RuleSet<_> = texts.iter().map(|text| (*text, pattern(text))).collect();
    for text in texts {
        assert!(rules.remove(&text) && !rules.remove(&text));
    }
    assert!(rules.is_empty() && matching(&rules, r#"{"a":"x"}"#).is_empty());
    assert!(rules.tree.is_empty() && rules.names.is_empty());
}

#[test]
fn what_is_no_object_matches_nothing() {
    let rules: RuleSet<_> = [("a", pattern(r#"{"x":[{"exists":false}]}"#))].into_iter().collect();
    assert_eq!((matching(&rules, "{}"), matching(&rules, "[]"), matching(&rules, "1")), (vec!["a"], vec![], vec![]));
}

/// Nothing here goes deeper into the stack for a longer rule.
#[test]
fn rules_may_be_long() {
    let fields: Vec<_> = (0..3_000).map(|n| format!("\"f{n}\":[{n}]")).collect();
    let (long, dots) = (format!("{{{}}}", fields.join(",")), format!("{{\"{}\":[1]}}", ".".repeat(20_000)));
    let mut rules: RuleSet<_> = [("long", pattern(&long)), ("dots", pattern(&dots))].into_iter().collect();
    assert_eq!(matching(&rules, &dots.replace("[1]", "1")), ["dots"]);
    assert_eq!(matching(&rules, &long), ["long"]);
    assert!(rules.remove(&"long") && rules.remove(&"dots") && rules.tree.is_empty());
}
