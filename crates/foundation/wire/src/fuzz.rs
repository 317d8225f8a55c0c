//! The ways in for fuzzers: each takes any bytes and must neither panic nor hang, whatever they are.

use ::http::{HeaderMap, Method};
use bytes::Bytes;

use crate::eventstream::Frame;
use crate::http::Request;
use crate::model::{
    Shape, Style, blob, boolean, document, double, element, integer, list, long, map, member, string, structure,
    timestamp,
};
use crate::{cbor, json, query, text, time, xml};

/// A shape with everything in it, and itself.
pub static ANY: Shape = structure(
    "Any",
    &[
        member("Text", &TEXT),
        member("Integer", &INTEGER),
        member("Long", &LONG),
        member("Double", &DOUBLE),
        member("Boolean", &BOOLEAN),
        member("Blob", &BLOB),
        member("Timestamp", &TIMESTAMP),
        member("List", &LIST),
        member("Flat", &LIST).flattened(),
        member("Map", &MAP),
        member("Texts", &TEXTS),
        member("Document", &DOCUMENT),
        member("Inner", &ANY),
    ],
);
static TEXT: Shape = string("Text");
static INTEGER: Shape = integer("Integer");
static LONG: Shape = long("Long");
static DOUBLE: Shape = double("Double");
static BOOLEAN: Shape = boolean("Boolean");
static BLOB: Shape = blob("Blob");
static TIMESTAMP: Shape = timestamp("Timestamp");
static DOCUMENT: Shape = document("Document");
static LIST: Shape = list("List", &[element(&ANY)]);
static MAP: Shape = map("Map", &[member("key", &TEXT), member("value", &ANY)]);
static TEXTS: Shape = list("Texts", &[element(&TEXT)]);

/// A JSON body.
pub fn json(bytes: &[u8]) {
    if let Ok(value) = json::read::body(Style::Plain, &ANY, bytes) {
        drop(json::write::to_vec(&ANY, &value));
    }
}

/// A CBOR body.
pub fn cbor(bytes: &[u8]) {
    if let Ok(value) = cbor::read::body(&ANY, bytes) {
        drop(cbor::write::to_vec(&ANY, &value));
    }
}

/// An XML body.
pub fn xml(bytes: &[u8]) {
    if let Ok(value) = xml::read(&ANY, bytes) {
        drop(xml::document("", "Any", &ANY, &value));
    }
}

/// A form.
pub fn query(bytes: &[u8]) {
    let (method, headers, body) = (Method::POST, HeaderMap::new(), Bytes::copy_from_slice(bytes));
    let request = Request { method: &method, path: "/", query: "", headers: &headers, body: &body };
    drop(query::decode(&ANY, &request));
}

/// A query string, a path and a date.
pub fn text(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(text::pairs(text));
        drop(text::percent_decoded(text));
        time::parse(text);
    }
}

/// A frame of an event stream.
pub fn frame(bytes: &[u8]) {
    if let Ok(Some((frame, _))) = Frame::decode(bytes) {
        drop(frame.encode());
    }
}

#[cfg(test)]
mod tests;
