//! Values that somebody wrote to stand for an operation's output, held against its shape.

use serde_json::Value as Document;
use updraft_wire::model::{Kind, Shape};
use updraft_wire::typed::capitalised;

/// The first thing that is wrong, as `TestState` says it. Members that the shape doesn't have are let be. `whole`: required
/// ones have to be there.
pub(crate) fn misfit(shape: &'static Shape, value: &Document, whole: bool) -> Option<String> {
    within("", shape, value, whole)
}

fn within(name: &str, shape: &'static Shape, value: &Document, whole: bool) -> Option<String> {
    let wrong = |what: &str| Some(format!("Field '{name}' {what}"));
    match (shape.kind, value) {
        (Kind::Document, _) | (_, Document::Null) => None,
        (Kind::Structure, Document::Object(members)) => structure(shape, members, whole),
        (Kind::List, Document::Array(items)) => {
            let element = shape.members.first()?.shape;
            items.iter().find_map(|item| within(name, element, item, whole))
        }
        (Kind::Map, Document::Object(entries)) => {
            let of = shape.members.get(1)?.shape;
            entries.iter().find_map(|(key, value)| within(key, of, value, whole))
        }
        (Kind::Text, Document::String(text)) => {
            let known = shape.values.is_empty() || shape.values.contains(&text.as_str());
            if known { None } else { wrong("is not an expected value") }
        }
        (Kind::Blob | Kind::Timestamp, Document::String(_)) | (Kind::Boolean, Document::Bool(_)) => None,
        (Kind::Integer | Kind::Long | Kind::Double, Document::Number(number)) => {
            let (number, bound) = (number.as_f64()?, |bound: Option<i64>| bound.map(to_float));
            if bound(shape.max).is_some_and(|most| number > most) {
                wrong("exceeds the maximum value")
            } else if bound(shape.min).is_some_and(|least| number < least) {
                wrong("is less than the minimum value")
            } else {
                None
            }
        }
        (kind, _) => wrong(must_be(kind)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds of models are small")]
fn to_float(bound: i64) -> f64 {
    bound as f64
}

fn structure(shape: &'static Shape, members: &serde_json::Map<String, Document>, whole: bool) -> Option<String> {
    shape.members.iter().find_map(|member| {
        let name = capitalised(member.name);
        match members.get(&name) {
            Some(value) => within(&name, member.shape, value, whole),
            None if whole && member.required => Some(format!("Required field '{name}' is missing")),
            None => None,
        }
    })
}

const fn must_be(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Blob | Kind::Timestamp => "must be a string",
        Kind::Integer | Kind::Long | Kind::Double => "must be a number",
        Kind::Boolean => "must be a boolean",
        Kind::List => "must be an array",
        Kind::Structure | Kind::Map | Kind::Document => "must be an object",
    }
}

/// Members of an input that its shape doesn't have, and those that should be text and aren't.
pub(crate) fn unfit(shape: &'static Shape, input: &Document) -> (Vec<String>, Vec<String>) {
    let mut found = (Vec::new(), Vec::new());
    unfit_within("", shape, input, &mut found);
    found
}

fn unfit_within(name: &str, shape: &'static Shape, value: &Document, found: &mut (Vec<String>, Vec<String>)) {
    match (shape.kind, value) {
        (Kind::Structure, Document::Object(members)) => {
            for (name, value) in members {
                match shape.members.iter().find(|member| capitalised(member.name) == *name) {
                    Some(member) => unfit_within(name, member.shape, value, found),
                    None => found.0.push(name.clone()),
                }
            }
        }
        (Kind::List, Document::Array(items)) => {
            let element = shape.members.first().map(|member| member.shape);
            items.iter().zip(element.into_iter().cycle()).for_each(|(item, of)| unfit_within(name, of, item, found));
        }
        (Kind::Map, Document::Object(entries)) => {
            let of = shape.members.get(1).map(|member| member.shape);
            entries
                .iter()
                .zip(of.into_iter().cycle())
                .for_each(|((_, value), of)| unfit_within(name, of, value, found));
        }
        (Kind::Text, Document::Number(_) | Document::Bool(_) | Document::Array(_) | Document::Object(_)) => {
            found.1.push(name.to_owned());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use updraft_api_lambda::MODEL;

    use super::*;

    fn of(operation: &str, value: &Document, whole: bool) -> Option<String> {
        misfit(MODEL.operation(operation).unwrap().output.unwrap(), value, whole)
    }

    #[test]
    fn inputs_have_names_with_a_capital() {
        let of = |input: &Document| unfit(MODEL.operation("CreateFunction").unwrap().input.unwrap(), input);
        assert_eq!(of(&json!({ "FunctionName": "f", "Environment": { "Variables": { "A": "b" } } })), (vec![], vec![]));
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(of(&json!({ "functionName": "f", "Nope": 1 })), (names(&["functionName", "Nope"]), vec![]));
        let inner = json!({ "Environment": { "Variables": { "A": 1 }, "B": 2 }, "Layers": ["a", 2], "Role": null });
        assert_eq!(of(&inner), (names(&["B"]), names(&["Variables", "Layers"])));
    }

    #[test]
    fn what_is_wrong_is_said_as_aws_says_it() {
        let said = |value: &Document| of("GetFunction", value, true);
        assert_eq!(said(&json!({ "random": "json" })), None);
        let memory = |size: i64| json!({ "Configuration": { "MemorySize": size } });
        assert_eq!(said(&memory(128)), None);
        assert_eq!(said(&memory(1)).unwrap(), "Field 'MemorySize' is less than the minimum value");
        assert_eq!(said(&memory(99_999_999)).unwrap(), "Field 'MemorySize' exceeds the maximum value");
        let state = json!({ "Configuration": { "State": "Asleep" } });
        assert_eq!(said(&state).unwrap(), "Field 'State' is not an expected value");
        let layers = json!({ "Configuration": { "Layers": [{ "Arn": "a" }, { "Arn": 2 }] } });
        assert_eq!(said(&layers).unwrap(), "Field 'Arn' must be a string");
        assert_eq!(
            of("Invoke", &json!({ "StatusCode": "200" }), false).unwrap(),
            "Field 'StatusCode' must be a number"
        );
    }
}
