//! The typed JSON form of inputs and outputs: what Step Functions, Scheduler and other callers inside the platform
//! write, whatever the protocol outside. Members have their model's names with a capital, blobs are base64, dates
//! ISO 8601; where a member would travel in an HTTP message makes no difference.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Document};
use updraft_kernel::AwsError;
use updraft_kernel::error::code;

use crate::model::{Kind, Member, Shape};
use crate::{Value, time};

/// Reads a value of the shape. Members no one knows are an error here: the caller wrote them by hand.
///
/// # Errors
/// `SerializationException`, saying what doesn't fit and where.
pub fn from_json(shape: &'static Shape, document: &Document) -> Result<Value, AwsError> {
    read(shape, document).map_err(|wrong| AwsError::new(&code::SERIALIZATION, wrong))
}

/// Writes a value of the shape. What doesn't fit the shape is left out.
#[must_use]
pub fn to_json(shape: &'static Shape, value: &Value) -> Document {
    match value {
        Value::Null | Value::Stream(_) => Document::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.clone().into(),
        Value::Blob(bytes) => STANDARD.encode(bytes).into(),
        Value::Timestamp(at) => time::iso8601(*at).into(),
        Value::Document(document) => document.clone(),
        Value::List(items) => {
            let element = shape.members.first();
            Document::Array(items.iter().filter_map(|item| Some(to_json(element?.shape, item))).collect())
        }
        Value::Map(entries) => {
            let value_of = shape.members.get(1);
            let entry = |(key, value): &(String, Value)| Some((key.clone(), to_json(value_of?.shape, value)));
            Document::Object(entries.iter().filter_map(entry).collect())
        }
        Value::Structure(fields) => {
            let field = |(index, value): &(u16, Value)| {
                let member = shape.members.get(usize::from(*index)).filter(|_| !value.is_null())?;
                Some((capitalised(member.name), to_json(member.shape, value)))
            };
            Document::Object(fields.iter().filter_map(field).collect())
        }
    }
}

/// Why a document is not of a shape.
type Wrong = String;

fn read(shape: &'static Shape, document: &Document) -> Result<Value, Wrong> {
    let value = match (shape.kind, document) {
        (Kind::Document, _) => Some(Value::Document(document.clone())),
        (_, Document::Null) => Some(Value::Null),
        (Kind::Structure, Document::Object(entries)) => return structure(shape, entries),
        (Kind::List, Document::Array(items)) => return list(shape, items),
        (Kind::Map, Document::Object(entries)) => return map(shape, entries),
        (Kind::Text, Document::String(text)) => Some(Value::Text(text.clone())),
        (Kind::Boolean, Document::Bool(truth)) => Some(Value::Bool(*truth)),
        (Kind::Integer, Document::Number(number)) => {
            number.as_i64().filter(|number| i32::try_from(*number).is_ok()).map(Value::Int)
        }
        (Kind::Long, Document::Number(number)) => number.as_i64().map(Value::Int),
        (Kind::Double, Document::Number(number)) => number.as_f64().map(Value::Float),
        (Kind::Timestamp, Document::Number(number)) => {
            number.as_f64().and_then(time::from_seconds).map(Value::Timestamp)
        }
        (Kind::Timestamp, Document::String(text)) => time::parse(text).map(Value::Timestamp),
        // In base64 as everywhere; what can't be that is taken as it stands, as a function's payload mostly is written.
        (Kind::Blob, Document::String(text)) => {
            let bytes = STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes());
            Some(Value::Blob(bytes.into()))
        }
        // What a payload should be is often written as the JSON it is to contain.
        (Kind::Blob, Document::Object(_) | Document::Array(_)) => Some(Value::Blob(document.to_string().into())),
        _ => None,
    };
    value.ok_or_else(|| format!("{:?} expected", shape.kind))
}

fn structure(shape: &'static Shape, entries: &Map<String, Document>) -> Result<Value, Wrong> {
    let mut fields = Vec::new();
    for (name, document) in entries {
        let known = shape.indexed().find(|(_, member)| is_named(member, name));
        let (index, member) = known.ok_or_else(|| format!("{name}: no such member"))?;
        let value = read(member.shape, document).map_err(|wrong| format!("{name}: {wrong}"))?;
        if !value.is_null() {
            fields.push((index, value));
        }
    }
    Ok(Value::Structure(fields))
}

fn list(shape: &'static Shape, items: &[Document]) -> Result<Value, Wrong> {
    let Some(element) = shape.members.first() else { return Ok(Value::Null) };
    let item = |(at, item)| read(element.shape, item).map_err(|wrong| format!("[{at}]: {wrong}"));
    items.iter().enumerate().map(item).collect::<Result<_, _>>().map(Value::List)
}

fn map(shape: &'static Shape, entries: &Map<String, Document>) -> Result<Value, Wrong> {
    let Some(value_of) = shape.members.get(1) else { return Ok(Value::Null) };
    let entry = |(key, value): (&String, &Document)| {
        let value = read(value_of.shape, value).map_err(|wrong| format!("{key}: {wrong}"))?;
        Ok((key.clone(), value))
    };
    entries.iter().map(entry).collect::<Result<_, _>>().map(Value::Map)
}

fn is_named(member: &Member, name: &str) -> bool {
    member.name == name || capitalised(member.name) == name
}

/// A member's name as typed JSON has it: with a capital.
#[must_use]
pub fn capitalised(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use updraft_kernel::UnixMillis;

    use super::*;
    use crate::fuzz::ANY;

    #[test]
    fn the_typed_form_goes_both_ways() {
        let document = json!({
            "Text": "a", "Integer": 1, "Long": 9_007_199_254_740_993_i64, "Boolean": true, "Blob": "aGk=",
            "Timestamp": "2026-01-01T00:00:00Z", "List": [{"Text": "b"}], "Map": {"k": {}}, "Document": [null],
        });
        let value = from_json(&ANY, &document).unwrap();
        assert_eq!(value.member(6), Some(&Value::Timestamp(UnixMillis(1_767_225_600_000))));
        assert_eq!(to_json(&ANY, &value), document);
    }

    #[test]
    fn what_does_not_fit_is_said_with_its_place() {
        let message = |document| from_json(&ANY, &document).unwrap_err().message().to_owned();
        assert_eq!(message(json!({"List": [{}, {"Text": 1}]})), "List: [1]: Text: Text expected");
        assert_eq!(message(json!({"Inner": {"Nothing": 1}})), "Inner: Nothing: no such member");
        assert_eq!(message(json!({"Integer": 3_000_000_000_i64})), "Integer: Integer expected");
    }
}
