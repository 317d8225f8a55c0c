use proptest::prelude::*;
use serde_json::{Value, json};
use updraft_policy::{Context, Policy, Spoken};

use crate::support::{ONE, policy, root, says, says_in};

/// Written once more, as simply as can be.
fn is_like(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|from| is_like(rest, &text[from..])),
        Some((c, rest)) => {
            text.split_first().is_some_and(|(first, text)| (c == first || *c == '?') && is_like(rest, text))
        }
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn texts(values: &[String]) -> Value {
    json!(values)
}

proptest! {
    #[test]
    fn patterns_match_as_they_are_defined(pattern in "[ab*?]{0,8}", text in "[abé]{0,8}") {
        let mut context = Context::default();
        context.put("a:b", text.clone());
        let document = policy(&json!({ "Condition": { "StringLike": { "a:b": pattern } } }));
        let said = says_in(&document, &root(ONE), ("s3:GetObject", "arn:aws:s3:::bucket/k"), &context);
        prop_assert_eq!(said == Spoken::Allow, is_like(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn a_denial_goes_before_what_is_allowed(
        actions in prop::collection::vec("s3:[A-Z*]{1,3}", 1..4),
        denied in prop::collection::vec("s3:[A-Z*]{1,3}", 1..4),
        asked in "s3:[A-Z]{1,3}",
    ) {
        let only = |effect: &str, actions: &[String]| {
            let document = policy(&json!({ "Effect": effect, "Action": texts(actions), "Resource": "*" }));
            says(&document, &root(ONE), &asked, "arn:aws:s3:::b")
        };
        let (allow, deny) = (only("Allow", &actions), only("Deny", &denied));
        for order in [["Allow", "Deny"], ["Deny", "Allow"]] {
            let statement = |effect: &str| json!({
                "Effect": effect, "Principal": "*", "Resource": "*",
                "Action": texts(if effect == "Allow" { &actions } else { &denied }),
            });
            let both = json!({ "Statement": order.map(statement) });
            prop_assert_eq!(says(&both, &root(ONE), &asked, "arn:aws:s3:::b"), allow.or(deny));
        }
    }

    #[test]
    fn an_operator_and_its_negation_never_agree_on_what_is_there(
        number in -20..20_i32,
        wanted in prop::collection::vec(-20..20_i32, 1..4),
        pair in prop::sample::select(vec![
            ("StringEquals", "StringNotEquals"),
            ("StringLike", "StringNotLike"),
            ("NumericEquals", "NumericNotEquals"),
            ("DateEquals", "DateNotEquals"),
        ]),
    ) {
        let mut context = Context::default();
        context.put("a:b", number.to_string());
        let met = |operator: &str| {
            let document = policy(&json!({ "Condition": { operator: { "a:b": wanted } } }));
            says_in(&document, &root(ONE), ("s3:GetObject", "arn:aws:s3:::bucket/k"), &context) == Spoken::Allow
        };
        prop_assert_ne!(met(pair.0), met(pair.1));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,64}", inside in "[\\[\\]{}\":,a-z0-9]{0,40}") {
        drop(Policy::parse(&text));
        drop(Policy::parse(&format!("{{\"Statement\":[{{{inside}}}]}}")));
    }
}
