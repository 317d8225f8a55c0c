//! JSON paths as pipes know them: names with dots between them, and `[n]` or `[*]` behind a name.

use serde_json::Value;

/// What is at `path`, which begins with `$`. `None`: nothing is, or it is no path.
///
/// AWS: a field that holds JSON as a text is looked into, so that `$.body.name` is of a message's body.
pub(crate) fn find(event: &Value, path: &str) -> Option<Value> {
    let rest = path.strip_prefix('$')?;
    if rest.is_empty() {
        return Some(event.clone());
    }
    let names: Vec<&str> = rest.strip_prefix('.')?.split('.').collect();
    within(event, &names)
}

fn within(value: &Value, names: &[&str]) -> Option<Value> {
    let Some((name, rest)) = names.split_first() else { return Some(decoded(value)) };
    let (name, places) = name.split_once('[').map_or((*name, ""), |(name, places)| (name, places));
    let member = match decoded(value) {
        Value::Object(mut members) => members.remove(name)?,
        _ => return None,
    };
    let places: Vec<&str> =
        places.split('[').map(|place| place.trim_end_matches(']')).filter(|p| !p.is_empty()).collect();
    at(&decoded(&member), &places, rest)
}

fn at(value: &Value, places: &[&str], names: &[&str]) -> Option<Value> {
    let Some((place, rest)) = places.split_first() else { return within(value, names) };
    let Value::Array(list) = value else { return None };
    if *place == "*" {
        return Some(list.iter().filter_map(|value| at(value, rest, names)).collect());
    }
    at(list.get(place.parse::<usize>().ok()?)?, rest, names)
}

/// A text that is JSON as what it says: an object or a list.
pub(crate) fn decoded(value: &Value) -> Value {
    let parsed = value.as_str().filter(|text| text.trim_start().starts_with(['{', '[']));
    let parsed = parsed.and_then(|text| serde_json::from_str(text).ok());
    parsed.unwrap_or_else(|| value.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_into_bodies_and_lists() {
        let event = json!({
            "body": r#"{"a-b": {"c": [{"d": 1}, {"d": 2}]}, "t": "x"}"#, "plain": "{no", "n": null, "m": [[1, 2], [3]],
        });
        let found = |path| find(&event, path);
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
