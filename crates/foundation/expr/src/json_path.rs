//! The JSON paths of EventBridge's rules and pipes: dots, brackets, indexes and stars.

use std::borrow::Cow;

use serde_json::Value;

/// A step down.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    /// Everything there is; what is found is a list.
    All,
}

/// A path that begins with `$`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath(Vec<Step>);

/// What becomes of a text on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    Texts,
    Decoded,
}

impl JsonPath {
    /// `None`: it isn't one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, behind) = match rest.strip_prefix('.') {
                Some(name) => dotted(name)?,
                None => bracketed(rest.strip_prefix('[')?)?,
            };
            steps.push(step);
            rest = behind;
        }
        Some(Self(steps))
    }

    /// `None`: there is nothing there.
    #[must_use]
    pub fn find(&self, root: &Value) -> Option<Value> {
        find(root, &self.0, Texts::Texts)
    }

    /// As pipes do: a text that is JSON is what it says, on the way and in the end, so that `$.body.name` is of a message's
    /// body. `None`: there is nothing there.
    #[must_use]
    pub fn find_decoded(&self, root: &Value) -> Option<Value> {
        find(root, &self.0, Texts::Decoded)
    }
}

/// A text that is JSON, an object or a list, as what it says.
#[must_use]
pub fn decoded(value: &Value) -> Cow<'_, Value> {
    let parsed = value.as_str().filter(|text| text.trim_start().starts_with(['{', '[']));
    let parsed = parsed.and_then(|text| serde_json::from_str(text).ok());
    parsed.map_or(Cow::Borrowed(value), Cow::Owned)
}

fn dotted(rest: &str) -> Option<(Step, &str)> {
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (name, behind) = rest.split_at_checked(end)?;
    match name {
        "" => None,
        "*" => Some((Step::All, behind)),
        name => Some((Step::Name(name.to_owned()), behind)),
    }
}

fn bracketed(rest: &str) -> Option<(Step, &str)> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            let (name, behind) = quoted.split_once(quote)?;
            return Some((Step::Name(name.to_owned()), behind.strip_prefix(']')?));
        }
    }
    let (inside, behind) = rest.split_once(']')?;
    let step = if inside == "*" { Step::All } else { Step::Index(inside.trim().parse().ok()?) };
    Some((step, behind))
}

fn find(value: &Value, steps: &[Step], texts: Texts) -> Option<Value> {
    let value = if texts == Texts::Decoded { decoded(value) } else { Cow::Borrowed(value) };
    let Some((step, rest)) = steps.split_first() else { return Some(value.into_owned()) };
    let each = |item| find(item, rest, texts);
    match (step, &*value) {
        (Step::Name(name), Value::Object(members)) => each(members.get(name)?),
        (Step::Index(index), Value::Array(items)) => each(items.get(*index)?),
        (Step::All, Value::Array(items)) => Some(items.iter().filter_map(each).collect()),
        (Step::All, Value::Object(members)) => Some(members.values().filter_map(each).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str) -> Option<Value> {
        let event =
            json!({"detail-type": "t", "detail": {"list": [{"a": 1}, {"a": 2}], "x y": {"z": null}}, "t": "[1]"});
        JsonPath::parse(path).unwrap().find(&event)
    }

    #[test]
    fn steps_lead_down() {
        assert_eq!(found("$.detail-type"), Some(json!("t")));
        assert_eq!(found("$.detail.list[1].a"), Some(json!(2)));
        assert_eq!(found("$.detail.list[*].a"), Some(json!([1, 2])));
        assert_eq!(found("$['detail'][\"x y\"].z"), Some(Value::Null));
        assert_eq!((found("$.t"), found("$.t[0]")), (Some(json!("[1]")), None));
        assert_eq!(found("$.detail.nothing.there"), None);
        assert_eq!(found("$.detail.list[2]"), None);
        assert!(found("$").unwrap().is_object());
    }

    #[test]
    fn what_is_no_path_is_told() {
        for text in ["", "detail", "$detail", "$.", "$..a", "$.a[", "$.a[x]", "$['a", "$['a'x"] {
            assert_eq!(JsonPath::parse(text), None, "{text}");
        }
    }

    #[test]
    fn paths_lead_into_texts_and_lists() {
        let event = json!({
            "body": r#"{"a-b": {"c": [{"d": 1}, {"d": 2}]}, "t": "x"}"#, "plain": "{no", "n": null, "m": [[1, 2], [3]],
        });
        let found = |path: &str| JsonPath::parse(path)?.find_decoded(&event);
        assert_eq!(found("$"), Some(event.clone()));
        assert_eq!(found("$.body"), Some(json!({"a-b": {"c": [{"d": 1}, {"d": 2}]}, "t": "x"})));
        assert_eq!(found("$.body.a-b.c[1].d"), Some(json!(2)));
        assert_eq!(found("$.body.a-b.c[*].d"), Some(json!([1, 2])));
        assert_eq!(found("$.m[0][1]"), Some(json!(2)));
        assert_eq!((found("$.plain"), found("$.n")), (Some(json!("{no")), Some(Value::Null)));
        for nothing in ["$.x", "$.body.t.x", "$.m[5]", "$.m[x]", "body", "$body", "$.body[0]"] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
    }
}
