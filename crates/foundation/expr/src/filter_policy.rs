//! SNS's filter policies: which messages of a topic a subscription gets. The language is that of event patterns
//! ([`crate::pattern`]), said of a message's attributes or of its body.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::pattern::{Numbers, Pattern, PatternError, Rule};

/// AWS documents these.
const NUMBERS: Numbers = Numbers { largest: 1e9 };
const MAX_KEYS: usize = 5;
const MAX_COMBINATIONS: usize = 150;

/// What a policy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    MessageAttributes,
    MessageBody,
}

impl Scope {
    /// As `FilterPolicyScope` names it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::MessageAttributes, Self::MessageBody].into_iter().find(|scope| scope.name() == name)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }
}

/// An attribute of a message, as it was published.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    pub name: &'a str,
    /// `String`, `Number`, `String.Array`, …
    pub data_type: &'a str,
    /// `StringValue`.
    pub value: &'a str,
}

/// A filter policy, checked and ready to be matched.
#[derive(Clone, Debug)]
pub struct FilterPolicy {
    /// None: everything passes.
    pattern: Option<Pattern>,
}

impl FilterPolicy {
    /// `text` is the policy's JSON. The error is what AWS says after `FilterPolicy: `.
    pub fn parse(text: &str, scope: Scope) -> Result<Self, PatternError> {
        // AWS: an empty policy is how one is taken away.
        if matches!(serde_json::from_str(text), Ok(Value::Object(members)) if members.is_empty()) {
            return Ok(Self { pattern: None });
        }
        let pattern = Pattern::with_numbers(text, NUMBERS)?;
        check(pattern.rules(), scope)?;
        Ok(Self { pattern: Some(pattern) })
    }

    /// Whether it lets everything pass, as if there were none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pattern.is_none()
    }

    /// For [`Scope::MessageAttributes`]. Attributes of type `Binary` are not to be given: AWS ignores them.
    #[must_use]
    pub fn matches_attributes<'a>(&self, attributes: impl IntoIterator<Item = Attribute<'a>>) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        let values = attributes.into_iter().filter_map(|given| Some((given.name.to_owned(), value(given)?)));
        pattern.matches(&Value::Object(values.collect::<Map<_, _>>()))
    }

    /// For [`Scope::MessageBody`]. A body that isn't a JSON object doesn't match.
    #[must_use]
    pub fn matches_body(&self, body: &str) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        serde_json::from_str(body).is_ok_and(|body| pattern.matches(&body))
    }
}

fn check(rules: &[Rule], scope: Scope) -> Result<(), PatternError> {
    let fields = || rules.iter().flatten();
    if scope == Scope::MessageAttributes && fields().any(|(_, tests)| tests.depth > 1) {
        return Err(PatternError::new("Filter policy scope MessageAttributes does not support nested filter policy"));
    }
    let keys: BTreeSet<&String> = fields().map(|(path, _)| path).collect();
    if keys.len() > MAX_KEYS {
        return Err(PatternError::new(format!("Filter policy can not have more than {MAX_KEYS} keys")));
    }
    let combinations = rules.iter().map(combinations).fold(0, usize::saturating_add);
    if combinations > MAX_COMBINATIONS {
        return Err(PatternError::new("Filter policy is too complex"));
    }
    Ok(())
}

/// AWS: each list counts with its values, times how deep it is.
fn combinations(rule: &Rule) -> usize {
    let weights = rule.values().map(|tests| tests.any_of.len().saturating_mul(tests.depth));
    weights.fold(1, usize::saturating_mul)
}

/// An attribute's value as policies see it; none: they don't.
fn value(attribute: Attribute) -> Option<Value> {
    let (kind, custom) = attribute.data_type.split_once('.').unwrap_or((attribute.data_type, ""));
    match (kind, custom) {
        ("String", "Array") => serde_json::from_str(attribute.value).ok().filter(Value::is_array),
        ("String", _) => Some(Value::String(attribute.value.to_owned())),
        ("Number", _) => number(attribute.value),
        _ => None,
    }
}

/// Also `+1` and `.5`, which JSON doesn't know.
fn number(text: &str) -> Option<Value> {
    let json = serde_json::from_str(text.trim()).ok().filter(Value::is_number);
    json.or_else(|| serde_json::Number::from_f64(text.trim().parse().ok()?).map(Value::Number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(policy: &str, given: &[(&str, &str, &str)]) -> bool {
        let policy = FilterPolicy::parse(policy, Scope::MessageAttributes).unwrap();
        policy.matches_attributes(given.iter().map(|(name, data_type, value)| Attribute { name, data_type, value }))
    }

    fn refused(policy: &str, scope: Scope) -> String {
        FilterPolicy::parse(policy, scope).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn attributes_are_texts_numbers_and_lists() {
        let policy = r#"{"store":["a",{"prefix":"b"}],"price":[{"numeric":[">=",100]}]}"#;
        assert!(attributes(policy, &[("store", "String", "bc"), ("price", "Number", "1e2")]));
        assert!(attributes(policy, &[("store", "String.Array", r#"["x","a"]"#), ("price", "Number.int", "+100")]));
        assert!(!attributes(policy, &[("store", "String", "a"), ("price", "String", "100")]));
        assert!(!attributes(policy, &[("store", "String", "a")]));
        assert!(!attributes(policy, &[("store", "String.Array", "a"), ("price", "Number", "100")]));
        assert!(attributes(r#"{"list":[true,null]}"#, &[("list", "String.Array", "[1,null]")]));
        assert!(attributes(r#"{"a.b":["x"]}"#, &[("a.b", "String", "x")]));
    }

    #[test]
    fn nothing_is_there_where_nothing_can_be_compared() {
        let policy = r#"{"a":[{"exists":false}]}"#;
        assert!(attributes(policy, &[]) && attributes(policy, &[("a", "Binary", "x")]));
        assert!(!attributes(policy, &[("a", "String", "")]));
    }

    #[test]
    fn bodies_are_objects() {
        let policy = FilterPolicy::parse(r#"{"a":{"b":["x"]}}"#, Scope::MessageBody).unwrap();
        assert!(policy.matches_body(r#"{"a":{"b":["y","x"]}}"#));
        assert!(!policy.matches_body("plain") && !policy.matches_body(r#"[{"a":{"b":"x"}}]"#));
    }

    #[test]
    fn an_empty_policy_lets_everything_pass() {
        let policy = FilterPolicy::parse(" {} ", Scope::MessageBody).unwrap();
        assert!(policy.is_empty() && policy.matches_body("plain") && policy.matches_attributes([]));
    }

    #[test]
    fn a_policy_may_have_five_keys_and_150_combinations() {
        let keys = |count: usize| (0..count).map(|n| format!("\"k{n}\":[1]")).collect::<Vec<_>>().join(",");
        let list = |count: usize| vec!["1"; count].join(",");
        let scope = Scope::MessageBody;
        assert!(FilterPolicy::parse(&format!("{{{}}}", keys(5)), scope).is_ok());
        assert_eq!(refused(&format!("{{{}}}", keys(6)), scope), "Filter policy can not have more than 5 keys");
        assert!(FilterPolicy::parse(&format!("{{\"a\":[{}]}}", list(150)), scope).is_ok());
        assert_eq!(refused(&format!("{{\"a\":[{}]}}", list(151)), scope), "Filter policy is too complex");
        let nested = |count| format!("{{\"a\":{{\"b\":{{\"c\":[{}]}}}},\"d\":[1]}}", list(count));
        assert!(FilterPolicy::parse(&nested(50), scope).is_ok());
        assert_eq!(refused(&nested(51), scope), "Filter policy is too complex");
        let or = |count| format!("{{\"$or\":[{{\"a\":[{}]}},{{\"b\":[1]}}]}}", list(count));
        assert!(FilterPolicy::parse(&or(149), scope).is_ok());
        assert_eq!(refused(&or(150), scope), "Filter policy is too complex");
    }

    #[test]
    fn what_attributes_cannot_be_is_refused() {
        let nested = refused(r#"{"a":{"b":[1]}}"#, Scope::MessageAttributes);
        assert_eq!(nested, "Filter policy scope MessageAttributes does not support nested filter policy");
        let large = refused(r#"{"a":[{"numeric":["=",2e9]}]}"#, Scope::MessageAttributes);
        assert!(large.starts_with("Value must be between -1.0E9 and 1.0E9, inclusive"), "{large}");
    }

    #[test]
    fn scopes_have_names() {
        assert_eq!(Scope::parse("MessageBody"), Some(Scope::MessageBody));
        assert_eq!(Scope::parse("RandomValue"), None);
    }
}
