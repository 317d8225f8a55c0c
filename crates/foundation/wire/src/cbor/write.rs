//! From [`Value`] to CBOR.

use serde_json::Value as Document;
use updraft_kernel::AwsError;

use crate::Value;
use crate::model::Shape;

const UNSIGNED: u8 = 0 << 5;
const NEGATIVE: u8 = 1 << 5;
const BYTES: u8 = 2 << 5;
const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;
const MAP: u8 = 5 << 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const DOUBLE: u8 = 0xfb;
/// Tag 1: seconds since the epoch.
const EPOCH: u8 = 0xc1;

pub(crate) fn to_vec(shape: &'static Shape, value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, shape, value);
    out
}

/// An error: its type, its message and its members.
pub(super) fn error(name: &str, message_member: &str, error: &AwsError) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    head(&mut out, MAP, 2 + error.members().len());
    text(&mut out, "__type");
    text(&mut out, name);
    text(&mut out, message_member);
    text(&mut out, error.message());
    for (member, value) in error.members() {
        text(&mut out, member);
        document(&mut out, value);
    }
    out
}

fn write(out: &mut Vec<u8>, shape: &'static Shape, value: &Value) {
    match value {
        Value::Null | Value::Stream(_) => out.push(NULL),
        Value::Bool(truth) => out.push(if *truth { TRUE } else { FALSE }),
        Value::Int(number) => integer(out, *number),
        Value::Float(number) => float(out, *number),
        Value::Text(string) => text(out, string),
        Value::Blob(bytes) => {
            head(out, BYTES, bytes.len());
            out.extend_from_slice(bytes);
        }
        Value::Timestamp(at) => {
            out.push(EPOCH);
            #[expect(clippy::cast_precision_loss, reason = "dates are far below 2^53 milliseconds")]
            float(out, at.0 as f64 / 1000.0);
        }
        Value::List(items) => {
            head(out, ARRAY, items.len());
            items.iter().for_each(|item| nested(out, shape, 0, item));
        }
        Value::Map(entries) => {
            head(out, MAP, entries.len());
            for (key, value) in entries {
                text(out, key);
                nested(out, shape, 1, value);
            }
        }
        Value::Structure(fields) => structure(out, shape, fields),
        Value::Document(value) => document(out, value),
    }
}

fn structure(out: &mut Vec<u8>, shape: &'static Shape, fields: &[(u16, Value)]) {
    let present = fields.iter().filter(|(_, value)| !value.is_null());
    let members = present.filter_map(|(index, value)| Some((shape.members.get(usize::from(*index))?, value)));
    head(out, MAP, members.clone().count());
    for (member, value) in members {
        text(out, member.wire);
        write(out, member.shape, value);
    }
}

/// An element of a list or map, by its place in the shape's members.
fn nested(out: &mut Vec<u8>, shape: &'static Shape, place: usize, value: &Value) {
    match shape.members.get(place) {
        Some(member) => write(out, member.shape, value),
        None => out.push(NULL),
    }
}

fn head(out: &mut Vec<u8>, major: u8, argument: usize) {
    unsigned(out, major, u64::try_from(argument).unwrap_or(u64::MAX));
}

fn unsigned(out: &mut Vec<u8>, major: u8, argument: u64) {
    let bytes = argument.to_be_bytes();
    let (marker, skip) = match argument {
        0..24 => {
            let [.., low] = bytes;
            return out.push(major | low);
        }
        24..0x100 => (24, 7),
        0x100..0x1_0000 => (25, 6),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 0),
    };
    out.push(major | marker);
    out.extend(bytes.into_iter().skip(skip));
}

fn integer(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        unsigned(out, NEGATIVE, (!number).cast_unsigned())
    } else {
        unsigned(out, UNSIGNED, number.cast_unsigned())
    }
}

fn float(out: &mut Vec<u8>, number: f64) {
    out.push(DOUBLE);
    out.extend_from_slice(&number.to_be_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    head(out, TEXT, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn document(out: &mut Vec<u8>, value: &Document) {
    match value {
        Document::Null => out.push(NULL),
        Document::Bool(truth) => out.push(if *truth { TRUE } else { FALSE }),
        Document::Number(number) => match number.as_i64() {
            Some(number) => integer(out, number),
            None => float(out, number.as_f64().unwrap_or(f64::NAN)),
        },
        Document::String(string) => text(out, string),
        Document::Array(items) => {
            head(out, ARRAY, items.len());
            items.iter().for_each(|item| document(out, item));
        }
        Document::Object(entries) => {
            head(out, MAP, entries.len());
            for (key, value) in entries {
                text(out, key);
                document(out, value);
            }
        }
    }
}
