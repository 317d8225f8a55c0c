//! awsJson and rpcv2Cbor.

use updraft_kernel::UnixMillis;
use updraft_wire::model::Protocol;
use updraft_wire::{Value, decode, encode};

use crate::model::{DYNAMODB, JSON, MANY};
use crate::{Sent, body, form, header, id, target, text};

#[test]
fn an_input_is_read_by_its_shape() {
    let sent = target(
        "Make",
        r#"{"Name":"abc","Date":1.5,"Bytes":"aGk=","Tags":{"key":"v"},"Unknown":[{"x":[1]}],"Colour":null}"#,
    );
    let expected = Value::Structure(vec![
        (0, text("abc")),
        (10, Value::Timestamp(UnixMillis(1500))),
        (9, Value::Blob("hi".into())),
        (5, Value::Map(vec![("key".to_owned(), text("v"))])),
    ]);
    assert_eq!(sent.decode(&JSON).unwrap(), expected);
}

#[test]
fn an_empty_body_is_an_empty_input() {
    assert_eq!(target("Make", "").decode(&JSON).unwrap_err().code().name, "ValidationException");
    assert_eq!(target("Ping", "").decode(&JSON).unwrap(), Value::empty());
}

#[test]
fn what_is_no_json_is_a_serialization_exception() {
    for body in ["{", "[]x", "{\"Name\":}", "\u{1}", "{\"Name\":\"a\u{1}\"}", "{}{}"] {
        let error = target("Make", body).decode(&JSON).unwrap_err();
        assert_eq!((error.code().name, error.code().status), ("SerializationException", 400), "{body}");
    }
    let error = target("Make", "").body(vec![b'{', 0xff, b'}']).decode(&JSON).unwrap_err();
    assert_eq!(error.code().name, "SerializationException");
}

#[test]
fn dynamodb_names_the_token_that_does_not_fit() {
    let cases = [
        (r#"{"Name":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (r#"{"Name":true}"#, "TRUE_VALUE cannot be converted to String"),
        (r#"{"Name":{}}"#, "Start of structure or map found where not expected"),
        (r#"{"Count":"1"}"#, "STRING_VALUE cannot be converted to Integer"),
        (r#"{"Names":"x"}"#, "Unexpected field type"),
    ];
    for (body, expected) in cases {
        assert_eq!(target("Make", body).decode(&DYNAMODB).unwrap_err().message(), expected);
    }
}

/// As recorded from AWS.
#[test]
fn others_name_the_class_that_does_not_fit() {
    let message = |body| target("Make", body).decode(&JSON).unwrap_err().message().to_owned();
    assert_eq!(message(r#"{"Name":true}"#), "class java.lang.Boolean can not be converted to an String");
    assert_eq!(
        message(r#"{"Name":1}"#),
        "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String"
    );
}

#[test]
fn an_output_is_written_by_its_shape() {
    let sent = target("Make", "{}");
    let output = Value::Structure(vec![
        (0, text("a\"b/ä")),
        (1, Value::Timestamp(UnixMillis(1_767_225_600_120))),
        (2, Value::Timestamp(UnixMillis(1_767_225_600_000))),
        (3, Value::Blob("hi".into())),
        (4, Value::List(vec![text("x"), Value::Null])),
        (7, Value::Float(f64::NAN)),
    ]);
    let response = encode(&sent.find(&JSON).unwrap(), &output, &id());
    assert_eq!(
        body(&response),
        r#"{"Name":"a\"b/ä","Date":1767225600.12,"IsoDate":"2026-01-01T00:00:00Z","Bytes":"aGk=","Texts":["x",null],"Weight":"NaN"}"#
    );
    assert_eq!(header(&response, "content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(header(&response, "x-amzn-requestid"), Some("id-1"));
    assert_eq!(header(&response, "x-amz-crc32"), None);
}

#[test]
fn dynamodb_answers_carry_their_checksum() {
    let response = encode(&target("Ping", "{}").find(&DYNAMODB).unwrap(), &Value::empty(), &id());
    assert_eq!((body(&response), header(&response, "x-amz-crc32")), ("{}", Some("2745614147")));
}

#[test]
fn an_unknown_operation_is_said_to_be() {
    assert_eq!(target("Mend", "{}").find(&JSON).unwrap_err().code().name, "UnknownOperationException");
    assert_eq!(Sent::new("POST", "/").find(&JSON).unwrap_err().code().name, "UnknownOperationException");
    for method in ["GET", "PUT", "OPTIONS", "TRACE", "CONNECT"] {
        let json = Sent::new(method, "/").header("x-amz-target", "Shop_20260101.Ping");
        assert_eq!(json.find(&JSON).unwrap_err().code().name, "UnknownOperationException", "{method}");
        let cbor = Sent::new(method, "/service/Shop/operation/Ping").header("smithy-protocol", "rpc-v2-cbor");
        assert_eq!(cbor.find(&MANY).unwrap_err().code().name, "UnknownOperationException", "{method}");
    }
}

/// CloudWatch speaks three protocols on one address; the request shows which.
#[test]
fn the_request_shows_its_protocol() {
    let protocol = |sent: Sent| sent.find(&MANY).unwrap().protocol;
    assert_eq!(protocol(target("Ping", "{}")), Protocol::Json);
    assert_eq!(protocol(form("Action=Ping&Version=2026-01-01")), Protocol::Query);
    let cbor = Sent::new("POST", "/service/Shop/operation/Ping").header("smithy-protocol", "rpc-v2-cbor");
    assert_eq!(protocol(cbor), Protocol::Cbor);
}

#[test]
fn cbor_goes_both_ways() {
    let sent = Sent::new("POST", "/service/Shop/operation/Make")
        .header("smithy-protocol", "rpc-v2-cbor")
        // {"Name": "abc", "Date": 1(1.5 as half), "Bytes": h'6869', "Names": [_ "xyz"], "Unknown": {}}
        .body(
            b"\xa5\x64Name\x63abc\x64Date\xc1\xf9\x3e\x00\x65Bytes\x42hi\x65Names\x9f\x63xyz\xff\x67Unknown\xa0"
                .as_slice(),
        );
    let call = sent.find(&MANY).unwrap();
    let expected = Value::Structure(vec![
        (0, text("abc")),
        (10, Value::Timestamp(UnixMillis(1500))),
        (9, Value::Blob("hi".into())),
        (4, Value::List(vec![text("xyz")])),
    ]);
    assert_eq!(decode(&call, &sent.request()).unwrap(), expected);
    let response = encode(&call, &Value::Structure(vec![(0, text("a"))]), &id());
    assert_eq!(&response.body[..], b"\xa1\x64Name\x61a");
    assert_eq!(header(&response, "smithy-protocol"), Some("rpc-v2-cbor"));
    assert_eq!(header(&response, "content-type"), Some("application/cbor"));
}
