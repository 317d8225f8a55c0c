//! From CBOR to [`Value`], led by the shape.

use updraft_kernel::AwsError;
use updraft_kernel::error::code;

use super::reader::{Item, Reader};
use crate::model::{Kind, Shape};
use crate::{Value, time};

/// A whole body; an empty one is an empty structure.
pub(crate) fn body(shape: &'static Shape, body: &[u8]) -> Result<Value, AwsError> {
    if body.is_empty() {
        return Ok(Value::empty());
    }
    let mut reader = Reader::new(body);
    let value = reader.item().and_then(|item| value(&mut reader, shape, item));
    value.filter(|_| reader.is_done()).ok_or_else(|| AwsError::new(&code::SERIALIZATION, ""))
}

/// `None`: malformed, too deep, or not of the shape.
fn value(reader: &mut Reader, shape: &'static Shape, item: Item) -> Option<Value> {
    match (shape.kind, item) {
        (_, Item::Null) => Some(Value::Null),
        (Kind::Structure, Item::Map(length)) => reader.deeper(|reader| structure(reader, shape, length)),
        (Kind::Map, Item::Map(length)) => reader.deeper(|reader| map(reader, shape, length)),
        (Kind::List, Item::Array(length)) => reader.deeper(|reader| list(reader, shape, length)),
        (Kind::Text, Item::Text(length)) => text(reader, length).map(Value::Text),
        (Kind::Blob, Item::Bytes(length)) => Some(Value::Blob(reader.string(length, false)?.into())),
        (Kind::Boolean, Item::Bool(truth)) => Some(Value::Bool(truth)),
        (Kind::Integer, _) => integer(item).filter(|number| i32::try_from(*number).is_ok()).map(Value::Int),
        (Kind::Long, _) => integer(item).map(Value::Int),
        (Kind::Double, _) => float(item).map(Value::Float),
        (Kind::Timestamp, Item::Tag(1)) => {
            let seconds = reader.item().and_then(float)?;
            time::from_seconds(seconds).map(Value::Timestamp)
        }
        (Kind::Document, _) => {
            reader.skip(item)?;
            Some(Value::Null)
        }
        _ => None,
    }
}

fn structure(reader: &mut Reader, shape: &'static Shape, mut left: Option<usize>) -> Option<Value> {
    let mut fields: Vec<(u16, Value)> = Vec::new();
    while let Some(key) = reader.next_of(&mut left)? {
        let key = key_text(reader, key)?;
        let item = reader.item()?;
        let Some((index, member)) = shape.body_members().find(|(_, member)| member.wire == key) else {
            reader.skip(item)?;
            continue;
        };
        let value = value(reader, member.shape, item)?;
        fields.retain(|(at, _)| *at != index);
        if !value.is_null() {
            fields.push((index, value));
        }
    }
    Some(Value::Structure(fields))
}

fn map(reader: &mut Reader, shape: &'static Shape, mut left: Option<usize>) -> Option<Value> {
    let value_of = shape.members.get(1)?;
    let mut entries = Vec::new();
    while let Some(key) = reader.next_of(&mut left)? {
        let key = key_text(reader, key)?;
        let item = reader.item()?;
        entries.push((key, value(reader, value_of.shape, item)?));
    }
    Some(Value::Map(entries))
}

fn list(reader: &mut Reader, shape: &'static Shape, mut left: Option<usize>) -> Option<Value> {
    let element = shape.members.first()?;
    let mut items = Vec::new();
    while let Some(item) = reader.next_of(&mut left)? {
        items.push(value(reader, element.shape, item)?);
    }
    Some(Value::List(items))
}

fn key_text(reader: &mut Reader, key: Item) -> Option<String> {
    match key {
        Item::Text(length) => text(reader, length),
        _ => None,
    }
}

fn text(reader: &mut Reader, length: Option<usize>) -> Option<String> {
    String::from_utf8(reader.string(length, true)?).ok()
}

fn integer(item: Item) -> Option<i64> {
    match item {
        Item::Unsigned(number) => i64::try_from(number).ok(),
        Item::Negative(number) => i64::try_from(number).ok().map(|number| -1 - number),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number meant as a float")]
fn float(item: Item) -> Option<f64> {
    match item {
        Item::Float(number) => Some(number),
        Item::Unsigned(number) => Some(number as f64),
        Item::Negative(number) => Some(-1.0 - number as f64),
        _ => None,
    }
}
