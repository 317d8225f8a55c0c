//! Values that travel as plain text: in headers, queries, paths, forms and XML.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use crate::model::{Kind, Shape, TimestampFormat};
use crate::{Value, time};

/// The value that `text` stands for; `None` if it can be none of the shape's.
pub(crate) fn parse(shape: &'static Shape, text: &str) -> Option<Value> {
    match shape.kind {
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Integer => text.trim().parse::<i32>().ok().map(|number| Value::Int(number.into())),
        Kind::Long => text.trim().parse().ok().map(Value::Int),
        Kind::Double => text.trim().parse().ok().map(Value::Float),
        Kind::Boolean => match text.trim() {
            "true" | "True" | "TRUE" => Some(Value::Bool(true)),
            "false" | "False" | "FALSE" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Blob => STANDARD.decode(text.trim()).ok().map(|bytes| Value::Blob(bytes.into())),
        Kind::Timestamp => time::parse(text).map(Value::Timestamp),
        Kind::Document => serde_json::from_str(text).ok().map(Value::Document),
        Kind::Structure | Kind::List | Kind::Map => None,
    }
}

/// The text of a value that has one; timestamps as the shape says, else as `usual`.
pub(crate) fn write(shape: &'static Shape, value: &Value, usual: TimestampFormat) -> Option<String> {
    Some(match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => STANDARD.encode(bytes),
        Value::Timestamp(at) => match shape.timestamp.unwrap_or(usual) {
            TimestampFormat::Epoch => time::seconds(*at),
            TimestampFormat::Iso8601 => time::iso8601_millis(*at),
            TimestampFormat::Rfc822 => time::rfc822(*at),
        },
        Value::Document(document) => document.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Structure(_) | Value::Stream(_) => return None,
    })
}

/// With a fraction even where it is zero, as AWS writes them.
fn float(number: f64) -> String {
    match number {
        _ if number.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        _ => format!("{number:?}"),
    }
}

/// Without its percent signs; `None` if that leaves no UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// The pairs of a query string or form, decoded, in order; `None` if any is no UTF-8.
pub(crate) fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let decoded = |text: &str| {
        if text.contains('+') { percent_decoded(&text.replace('+', " ")) } else { percent_decoded(text) }
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decoded(name)?, decoded(value)?))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}
