//! The JSON paths of `InputPath` and `InputPathsMap`: dots, brackets, indexes and stars.

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
pub(crate) struct JsonPath(Vec<Step>);

impl JsonPath {
    /// `None`: it isn't one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
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
    pub(crate) fn find(&self, root: &Value) -> Option<Value> {
        find(root, &self.0)
    }
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

fn find(value: &Value, steps: &[Step]) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else { return Some(value.clone()) };
    match (step, value) {
        (Step::Name(name), Value::Object(members)) => find(members.get(name)?, rest),
        (Step::Index(index), Value::Array(items)) => find(items.get(*index)?, rest),
        (Step::All, Value::Array(items)) => Some(items.iter().filter_map(|item| find(item, rest)).collect()),
        (Step::All, Value::Object(members)) => Some(members.values().filter_map(|item| find(item, rest)).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str) -> Option<Value> {
        let event = json!({"detail-type": "t", "detail": {"list": [{"a": 1}, {"a": 2}], "x y": {"z": null}}});
        JsonPath::parse(path).unwrap().find(&event)
    }

    #[test]
    fn steps_lead_down() {
        assert_eq!(found("$.detail-type"), Some(json!("t")));
        assert_eq!(found("$.detail.list[1].a"), Some(json!(2)));
        assert_eq!(found("$.detail.list[*].a"), Some(json!([1, 2])));
        assert_eq!(found("$['detail'][\"x y\"].z"), Some(Value::Null));
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
}
