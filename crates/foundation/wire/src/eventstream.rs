//! `application/vnd.amazon.eventstream`: answers (and requests) that are a series of events, each in its own frame.

mod frame;

pub use frame::{Frame, Header, Malformed};

use updraft_kernel::AwsError;

use crate::json::write;
use crate::model::{Member, Protocol, ServiceModel, Shape, TimestampFormat};
use crate::{Value, cbor, failure, text, xml};

/// The type of a body made of frames.
pub const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";
const JSON: &str = "application/json";
const CBOR: &str = "application/cbor";

/// The frame of an event. `stream` is the shape of all events, `value` one of them.
///
/// `None` if the value is no structure with just that one member.
#[must_use]
pub fn event(protocol: Protocol, stream: &'static Shape, value: &Value) -> Option<Frame> {
    let Value::Structure(fields) = value else { return None };
    let [(index, body)] = fields.as_slice() else { return None };
    let member = stream.members.get(usize::from(*index))?;
    let mut frame = Frame::new("event").with(":event-type", member.wire);
    for (part, value) in parts(member.shape, body).filter(|(part, _)| part.event_header) {
        if let Some(text) = text::write(part.shape, value, TimestampFormat::Iso8601) {
            frame = frame.with(part.wire, &text);
        }
    }
    let payload = parts(member.shape, body).find(|(part, _)| part.event_payload);
    Some(match payload {
        Some((_, Value::Blob(bytes))) => frame.with(":content-type", "application/octet-stream").payload(bytes.clone()),
        Some((_, Value::Text(text))) => frame.with(":content-type", "text/plain").payload(text.clone()),
        Some((part, value)) => document(frame, protocol, part.shape, value),
        // AWS: an event without members has no content, and so no type of it.
        None if member.shape.members.is_empty() => frame,
        None => document(frame, protocol, member.shape, body),
    })
}

/// The first frame in protocols that send the output's other members as an event of their own; `None` in those that
/// send them as headers.
#[must_use]
pub fn initial_response(protocol: Protocol, output: &'static Shape, head: &Value) -> Option<Frame> {
    let frame = Frame::new("event").with(":event-type", "initial-response");
    match protocol {
        Protocol::Json | Protocol::Cbor => Some(document(frame, protocol, output, head)),
        Protocol::RestJson | Protocol::RestXml | Protocol::Query => None,
    }
}

/// The frame of an error, which is the last of its stream: an exception where it is one of `stream`'s members.
#[must_use]
pub fn error(model: &ServiceModel, protocol: Protocol, stream: Option<&'static Shape>, error: &AwsError) -> Frame {
    let shape = model.error(error.code()).map(|found| found.shape);
    let known = stream.into_iter().flat_map(|stream| stream.members);
    match known.into_iter().find(|member| shape.is_some_and(|shape| std::ptr::eq(shape, member.shape))) {
        Some(member) => {
            let (kind, body) = match protocol {
                Protocol::Cbor => (CBOR, cbor::error_body(model, error)),
                _ => (JSON, failure::json_body(model, error, false)),
            };
            Frame::new("exception").with(":exception-type", member.wire).with(":content-type", kind).payload(body)
        }
        None => {
            let frame = Frame::new("error").with(":error-code", error.code().name);
            frame.with(":error-message", error.message())
        }
    }
}

fn parts<'v>(shape: &'static Shape, value: &'v Value) -> impl Iterator<Item = (&'static Member, &'v Value)> {
    let fields = if let Value::Structure(fields) = value { fields.as_slice() } else { &[] };
    fields.iter().filter_map(move |(index, value)| Some((shape.members.get(usize::from(*index))?, value)))
}

fn document(frame: Frame, protocol: Protocol, shape: &'static Shape, value: &Value) -> Frame {
    match protocol {
        Protocol::RestXml => {
            frame.with(":content-type", "text/xml").payload(xml::document("", shape.xml_root(), shape, value))
        }
        Protocol::Cbor => frame.with(":content-type", CBOR).payload(cbor::write::to_vec(shape, value)),
        _ => frame.with(":content-type", JSON).payload(write::to_vec(shape, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{blob, integer, member, string, structure};

    static BYTES: Shape = blob("Bytes");
    static TEXT: Shape = string("Text");
    static COUNT: Shape = integer("Count");
    static CHUNK: Shape =
        structure("Chunk", &[member("Payload", &BYTES).event_payload(), member("At", &COUNT).event_header()]);
    static DONE: Shape = structure("Done", &[member("ErrorCode", &TEXT)]);
    static STREAM: Shape = structure("Stream", &[member("PayloadChunk", &CHUNK), member("Done", &DONE)]).event_stream();

    fn text(frame: &Frame, name: &str) -> Option<String> {
        frame.header(name).map(|value| format!("{value:?}"))
    }

    #[test]
    fn a_chunk_is_its_bytes() {
        let chunk = Value::Structure(vec![(0, Value::Blob("hi".into())), (1, Value::Int(7))]);
        let frame = event(Protocol::RestJson, &STREAM, &Value::Structure(vec![(0, chunk)])).unwrap();
        assert_eq!(text(&frame, ":message-type").as_deref(), Some("Text(\"event\")"));
        assert_eq!(text(&frame, ":event-type").as_deref(), Some("Text(\"PayloadChunk\")"));
        assert_eq!(text(&frame, ":content-type").as_deref(), Some("Text(\"application/octet-stream\")"));
        assert_eq!(text(&frame, "At").as_deref(), Some("Text(\"7\")"));
        assert_eq!(&frame.body()[..], b"hi");
    }

    #[test]
    fn other_events_are_documents() {
        let done = Value::Structure(vec![(1, Value::Structure(vec![(0, Value::Text("x".to_owned()))]))]);
        let body = |protocol| event(protocol, &STREAM, &done).unwrap().body().clone();
        assert_eq!(&body(Protocol::RestJson)[..], br#"{"ErrorCode":"x"}"#);
        assert!(body(Protocol::RestXml).ends_with(b"<Done><ErrorCode>x</ErrorCode></Done>"));
        assert_eq!(event(Protocol::RestJson, &STREAM, &Value::empty()), None);
    }
}
