//! From [`Value`] to JSON, led by the shape.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Kind, Shape, TimestampFormat};
use crate::{Value, time};

/// The value as a JSON text. What doesn't fit the shape is left out.
pub(crate) fn to_vec(shape: &'static Shape, value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, shape, value);
    out
}

fn write(out: &mut Vec<u8>, shape: &'static Shape, value: &Value) {
    match value {
        Value::Null | Value::Stream(_) => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(number) => display(out, number),
        Value::Float(number) => float(out, *number),
        Value::Text(text) => string(out, text),
        Value::Blob(bytes) => string(out, &STANDARD.encode(bytes)),
        Value::Timestamp(at) => match shape.timestamp {
            None | Some(TimestampFormat::Epoch) => out.extend_from_slice(time::seconds(*at).as_bytes()),
            Some(TimestampFormat::Iso8601) => string(out, &time::iso8601(*at)),
            Some(TimestampFormat::Rfc822) => string(out, &time::rfc822(*at)),
        },
        Value::List(items) => list(out, shape, items),
        Value::Map(entries) => map(out, shape, entries),
        Value::Structure(fields) => structure(out, shape, fields),
        Value::Document(document) => document_text(out, document),
    }
}

fn list(out: &mut Vec<u8>, shape: &'static Shape, items: &[Value]) {
    let Some(element) = shape.members.first() else { return out.extend_from_slice(b"[]") };
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, element.shape, item);
    }
    out.push(b']');
}

fn map(out: &mut Vec<u8>, shape: &'static Shape, entries: &[(String, Value)]) {
    let Some(value_of) = shape.members.get(1) else { return out.extend_from_slice(b"{}") };
    out.push(b'{');
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        string(out, key);
        out.push(b':');
        write(out, value_of.shape, value);
    }
    out.push(b'}');
}

fn structure(out: &mut Vec<u8>, shape: &'static Shape, fields: &[(u16, Value)]) {
    if shape.kind != Kind::Structure {
        return out.extend_from_slice(b"{}");
    }
    out.push(b'{');
    let mut first = true;
    for (index, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let Some(member) = shape.members.get(usize::from(*index)).filter(|member| member.is_in_body()) else {
            continue;
        };
        if !first {
            out.push(b',');
        }
        first = false;
        string(out, member.wire);
        out.push(b':');
        write(out, member.shape, value);
    }
    out.push(b'}');
}

/// A quoted string. `/` and what isn't ASCII stand as they are.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    // Writing to a Vec cannot fail, and neither can a string.
    drop(serde_json::to_writer(out, text));
}

fn document_text(out: &mut Vec<u8>, document: &serde_json::Value) {
    // Neither can a document.
    drop(serde_json::to_writer(out, document));
}

fn display(out: &mut Vec<u8>, number: &i64) {
    // Neither can this.
    drop(write!(out, "{number}"));
}

fn float(out: &mut Vec<u8>, number: f64) {
    match number {
        _ if number.is_finite() => drop(serde_json::to_writer(out, &number)),
        _ if number.is_nan() => string(out, "NaN"),
        _ if number > 0.0 => string(out, "Infinity"),
        _ => string(out, "-Infinity"),
    }
}
