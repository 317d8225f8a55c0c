//! The policy of a form: until when it may be posted, and what its fields may say.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value};
use updraft_kernel::UnixMillis;

use super::fields::Fields;

/// What a form says, besides its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'a> {
    pub(super) bucket: &'a str,
    pub(super) fields: &'a Fields,
}

/// How many bytes the file may have: at least, and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) least: u64,
    pub(super) most: u64,
}

/// Why a form may not be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// What is wrong with the document.
    Document(&'static str),
    Expired,
    /// The condition, as it is told.
    Condition(String),
    /// A field that no condition speaks of.
    Extra(String),
}

/// Fields that no condition has to speak of.
pub(super) const FREE: [&str; 5] = ["awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"];

/// Looks at what is given. `policy`: in base64, as it was signed; `now` is real time.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn check(policy: &str, given: Given<'_>, now: UnixMillis) -> Result<Option<Sizes>, Wrong> {
    let document = parse(policy)?;
    let until = document.get("expiration").ok_or(Wrong::Document("Policy missing expiration."))?;
    let until = until.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let until = until.ok_or(Wrong::Document("Invalid 'expiration' value"))?;
    if until.as_millisecond() < now.0 {
        return Err(Wrong::Expired);
    }
    let conditions = document.get("conditions").and_then(Value::as_array);
    let conditions = conditions.ok_or(Wrong::Document("Policy missing conditions."))?;
    let (mut sizes, mut spoken) = (None, Vec::new());
    for condition in conditions {
        match Condition::parse(condition)? {
            Condition::Sizes(found) => sizes = Some(found),
            Condition::Field { test, name, value } => {
                let field = name.strip_prefix('$').unwrap_or_default().to_ascii_lowercase();
                if !test.holds(&given.of(&field), &value) {
                    let shown = Value::from(vec![test.name(), name.as_str(), value.as_str()]);
                    return Err(Wrong::Condition(shown_list(&shown)));
                }
                spoken.push(field);
            }
        }
    }
    let free =
        |name: &str| FREE.contains(&name) || name.starts_with("x-ignore-") || spoken.iter().any(|one| one == name);
    match given.fields.names().find(|name| !free(name)) {
        Some(extra) => Err(Wrong::Extra(extra.to_owned())),
        None => Ok(sizes),
    }
}

fn parse(policy: &str) -> Result<Map<String, Value>, Wrong> {
    let broken = Wrong::Document("Invalid JSON.");
    // Clients break lines in it as they like.
    let text: String = policy.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(text).map_err(|_| Wrong::Document("Invalid Base64."))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(document)) => Ok(document),
        _ => Err(broken),
    }
}

/// AWS: with a space behind each comma.
fn shown_list(list: &Value) -> String {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    format!("[{}]", items.iter().map(Value::to_string).collect::<Vec<_>>().join(", "))
}

#[derive(Clone, Copy, Debug)]
enum Test {
    Equal,
    Begins,
}

enum Condition {
    Sizes(Sizes),
    Field { test: Test, name: String, value: String },
}

impl Test {
    fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::Begins => "starts-with",
        }
    }

    fn holds(self, given: &str, wanted: &str) -> bool {
        match self {
            Self::Equal => given == wanted,
            Self::Begins => given.starts_with(wanted),
        }
    }
}

impl Condition {
    fn parse(value: &Value) -> Result<Self, Wrong> {
        const ONE: &str = "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.";
        match value {
            Value::Object(pair) => match pair.iter().next() {
                Some((name, value)) if pair.len() == 1 => {
                    let value =
                        text(value).ok_or(Wrong::Document("Invalid Simple-Condition: value must be a string."))?;
                    Ok(Self::Field { test: Test::Equal, name: format!("${name}"), value })
                }
                _ => Err(Wrong::Document(ONE)),
            },
            Value::Array(items) => Self::of_list(items),
            _ => Err(Wrong::Document("Invalid Condition: unknown condition type.")),
        }
    }

    fn of_list(items: &[Value]) -> Result<Self, Wrong> {
        let [test, first, second] = items else {
            return Err(Wrong::Document("Invalid Condition: wrong number of arguments."));
        };
        let test = test.as_str().unwrap_or_default().to_ascii_lowercase();
        if test == "content-length-range" {
            let (Some(least), Some(most)) = (number(first), number(second)) else {
                return Err(Wrong::Document("Invalid content-length-range: the bounds must be numbers."));
            };
            return Ok(Self::Sizes(Sizes { least, most }));
        }
        let test = match test.as_str() {
            "eq" => Test::Equal,
            "starts-with" => Test::Begins,
            _ => return Err(Wrong::Document("Invalid Condition: unknown operation.")),
        };
        let (Some(name), Some(value)) = (first.as_str(), text(second)) else {
            return Err(Wrong::Document("Invalid Condition: the arguments must be strings."));
        };
        Ok(Self::Field { test, name: name.to_owned(), value })
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

impl Given<'_> {
    fn of(&self, field: &str) -> String {
        if field == "bucket" { self.bucket.to_owned() } else { self.fields.get(field).unwrap_or_default().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_592_222_400_000);

    fn told(conditions: &Value, fields: &[(&str, &str)]) -> Result<Option<Sizes>, Wrong> {
        let document = json!({ "expiration": "2020-06-15T12:00:00Z", "conditions": conditions });
        of(&document.to_string(), fields, NOW)
    }

    fn of(document: &str, fields: &[(&str, &str)], now: UnixMillis) -> Result<Option<Sizes>, Wrong> {
        let fields = fields.iter().fold(Fields::default(), |mut all, (name, value)| {
            all.put(name, (*value).to_owned());
            all
        });
        check(&STANDARD.encode(document), Given { bucket: "b", fields: &fields }, now)
    }

    #[test]
    fn what_conditions_say() {
        let key = [("key", "in/a"), ("policy", "p"), ("X-Amz-Signature", "s"), ("x-ignore-this", "1")];
        let bucket = json!({ "bucket": "b" });
        assert_eq!(told(&json!([bucket, ["starts-with", "$key", "in/"]]), &key), Ok(None));
        assert_eq!(told(&json!([bucket, { "key": "in/a" }]), &key), Ok(None));
        assert_eq!(told(&json!([bucket, ["eq", "$Key", "in/a"]]), &key), Ok(None));
        let sizes = told(&json!([["starts-with", "$key", ""], ["content-length-range", 1, "10"]]), &key);
        assert_eq!(sizes, Ok(Some(Sizes { least: 1, most: 10 })));
        let failed = |text: &str| Err(Wrong::Condition(text.to_owned()));
        assert_eq!(told(&json!([{ "bucket": "c" }]), &key), failed(r#"["eq", "$bucket", "c"]"#));
        assert_eq!(told(&json!([["eq", "key", "in/a"]]), &key), failed(r#"["eq", "key", "in/a"]"#));
        assert_eq!(told(&json!([["starts-with", "$key", "IN"]]), &key), failed(r#"["starts-with", "$key", "IN"]"#));
        assert_eq!(told(&json!([{ "acl": "private" }]), &key), failed(r#"["eq", "$acl", "private"]"#));
        assert_eq!(told(&json!([bucket]), &key), Err(Wrong::Extra("key".into())));
    }

    #[test]
    fn documents_that_are_none() {
        let wrong = |document: &str| match of(document, &[], NOW) {
            Err(Wrong::Document(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(wrong("x"), "Invalid JSON.");
        assert_eq!(wrong("{}"), "Policy missing expiration.");
        assert_eq!(wrong(r#"{"expiration":"soon"}"#), "Invalid 'expiration' value");
        assert_eq!(wrong(r#"{"expiration":"2030-01-01T00:00:00Z"}"#), "Policy missing conditions.");
        assert_eq!(
            check("*", Given { bucket: "b", fields: &Fields::default() }, NOW),
            Err(Wrong::Document("Invalid Base64."))
        );
        let past = r#"{"expiration":"2020-06-15T11:59:59.999Z","conditions":[]}"#;
        assert_eq!(of(past, &[], NOW), Err(Wrong::Expired));
        for broken in
            [json!([{}]), json!([{ "a": "1", "b": "2" }]), json!(["a"]), json!([["eq"]]), json!([["x", "$a", "b"]])]
        {
            assert!(matches!(told(&broken, &[]), Err(Wrong::Document(_))), "{broken}");
        }
    }
}
