//! Answers in events.

use updraft_kernel::AwsError;
use updraft_wire::eventstream::{Frame, Header};
use updraft_wire::{ServiceModel, Value, encode_event, encode_head, encode_last};

use crate::model::{BUSY, JSON, MANY, REST, SOLD_OUT, XML};
use crate::{Call, Sent, header, id, target, text};

fn rest(model: &'static ServiceModel) -> Call {
    Sent::new("POST", "/watch").find(model).unwrap()
}

fn frame(bytes: &[u8]) -> Frame {
    let (frame, length) = Frame::decode(bytes).unwrap().unwrap();
    assert_eq!(length, bytes.len());
    frame
}

fn said(frame: &Frame, name: &str) -> String {
    let found = frame.header(name);
    assert!(matches!(found, Some(Header::Text(_))), "{name}: {found:?}");
    found.and_then(|header| if let Header::Text(text) = header { Some(text.clone()) } else { None }).unwrap()
}

/// A member of the union.
fn one(index: u16, event: Value) -> Value {
    Value::Structure(vec![(index, event)])
}

#[test]
fn the_head_of_a_rest_answer_is_all_headers() {
    let head = Value::Structure(vec![(0, text("fast"))]);
    for model in [&REST, &XML] {
        let response = encode_head(&rest(model), &head, &id());
        assert_eq!((response.status, response.body.len()), (200, 0));
        assert_eq!(header(&response, "x-amz-kind"), Some("fast"));
        assert_eq!(header(&response, "content-type"), Some("application/vnd.amazon.eventstream"));
    }
}

#[test]
fn the_head_of_other_answers_is_their_first_event() {
    let head = Value::Structure(vec![(2, text("s-1"))]);
    let call = target("Watch", "").find(&JSON).unwrap();
    let response = encode_head(&call, &head, &id());
    assert_eq!(header(&response, "content-type"), Some("application/vnd.amazon.eventstream"));
    let first = frame(&response.body);
    assert_eq!(said(&first, ":event-type"), "initial-response");
    assert_eq!(&first.body()[..], br#"{"Session":"s-1"}"#);
}

#[test]
fn events_are_frames() {
    let call = rest(&REST);
    let tick = encode_event(&call, &one(0, one(0, Value::Blob("hi".into())))).unwrap();
    assert_eq!(said(&frame(&tick), ":event-type"), "Tick");
    assert_eq!(&frame(&tick).body()[..], b"hi");
    let end = encode_event(&call, &one(1, Value::empty())).unwrap();
    assert_eq!(said(&frame(&end), ":event-type"), "End");
    assert!(encode_event(&call, &Value::empty()).is_err(), "that is no event");
}

#[test]
fn an_error_among_the_events_is_an_exception_where_the_stream_has_it() {
    let sold = AwsError::new(&SOLD_OUT, "none left").with("Left", 0);
    let last = frame(&encode_last(&rest(&REST), &sold));
    assert_eq!(said(&last, ":message-type"), "exception");
    assert_eq!(said(&last, ":exception-type"), "SoldOut");
    assert_eq!(said(&last, ":content-type"), "application/json");
    assert_eq!(&last.body()[..], br#"{"Message":"none left","Left":0}"#);
    let busy = frame(&encode_last(&rest(&REST), &AwsError::new(&BUSY, "later")));
    assert_eq!(said(&busy, ":message-type"), "error");
    assert_eq!(said(&busy, ":error-code"), "BusyException");
    assert_eq!(said(&busy, ":error-message"), "later");
}

#[test]
fn in_cbor_everything_is_cbor() {
    let call = Sent::new("POST", "/service/Shop/operation/Watch").header("smithy-protocol", "rpc-v2-cbor");
    let call = call.find(&MANY).unwrap();
    let first = frame(&encode_head(&call, &Value::empty(), &id()).body);
    assert_eq!(said(&first, ":content-type"), "application/cbor");
    let last = frame(&encode_last(&call, &AwsError::new(&SOLD_OUT, "none left")));
    assert_eq!(said(&last, ":content-type"), "application/cbor");
}
