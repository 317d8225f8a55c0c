//! How errors look in each protocol.

use updraft_kernel::AwsError;
use updraft_kernel::error::code;
use updraft_wire::http::Response;
use updraft_wire::model::Protocol;
use updraft_wire::{ServiceModel, codes, encode_error};

use crate::model::{BUSY, DYNAMODB, JSON, QUERY, REST, SOLD_OUT, SQS, XML};
use crate::{body, header, id};

fn answer(model: &ServiceModel, error: &AwsError) -> Response {
    encode_error(model, model.protocols[0], None, error, &id())
}

fn sold_out() -> AwsError {
    AwsError::new(&SOLD_OUT, "Sold <out>").with("Left", 0)
}

#[test]
fn json_names_the_type_and_writes_the_message_as_the_shape_does() {
    let response = answer(&JSON, &sold_out());
    assert_eq!(body(&response), r#"{"__type":"SoldOutException","Message":"Sold <out>","Left":0}"#);
    assert_eq!((response.status, header(&response, "x-amzn-requestid")), (409, Some("id-1")));
    assert_eq!(body(&answer(&JSON, &AwsError::new(&BUSY, "Later"))), r#"{"__type":"BusyException","message":"Later"}"#);
}

#[test]
fn dynamodb_has_a_namespace_for_each_origin() {
    let text = |error: AwsError| body(&answer(&DYNAMODB, &error)).to_owned();
    assert_eq!(
        text(AwsError::new(&SOLD_OUT, "No")),
        r#"{"__type":"com.amazonaws.shop#SoldOutException","Message":"No"}"#
    );
    assert_eq!(
        text(AwsError::new(&code::VALIDATION, "No")),
        r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"No"}"#
    );
    assert_eq!(
        text(AwsError::new(&code::SERIALIZATION, "No")),
        r#"{"__type":"com.amazon.coral.service#SerializationException","Message":"No"}"#
    );
    assert_eq!(
        text(AwsError::new(&code::UNKNOWN_OPERATION, "")),
        r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#
    );
}

#[test]
fn dynamodb_errors_carry_their_checksum() {
    let response = answer(&DYNAMODB, &sold_out());
    let expected = crc(&response.body).to_string();
    assert_eq!(header(&response, "x-amz-crc32"), Some(expected.as_str()));
}

/// The checksum once more, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[test]
fn clients_of_the_older_protocol_find_their_code_in_a_header() {
    let response = answer(&SQS, &sold_out());
    assert_eq!(header(&response, "x-amzn-query-error"), Some("Shop.SoldOut;Sender"));
    assert_eq!(header(&answer(&JSON, &sold_out()), "x-amzn-query-error"), None);
}

#[test]
fn rest_json_names_the_type_in_a_header() {
    let response = answer(&REST, &sold_out());
    assert_eq!(header(&response, "x-amzn-errortype"), Some("SoldOutException"));
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    assert_eq!(body(&response), r#"{"Type":"User","Message":"Sold <out>","Left":0}"#);
}

#[test]
fn members_that_are_headers_become_headers() {
    let response = answer(&REST, &AwsError::new(&BUSY, "Later").with("retryAfter", "7"));
    assert_eq!((body(&response), header(&response, "retry-after")), (r#"{"message":"Later"}"#, Some("7")));
}

#[test]
fn headers_of_an_error_are_sent() {
    let response = answer(&JSON, &sold_out().with_header("x-shop", "closed"));
    assert_eq!(header(&response, "x-shop"), Some("closed"));
}

#[test]
fn query_errors_name_the_fault_and_the_older_code() {
    let response = answer(&QUERY, &sold_out());
    assert_eq!(
        body(&response),
        "<ErrorResponse xmlns=\"https://shop.example.com/doc/2026-01-01/\"><Error><Type>Sender</Type>\
         <Code>Shop.SoldOut</Code><Message>Sold &lt;out&gt;</Message><Left>0</Left></Error>\
         <RequestId>id-1</RequestId></ErrorResponse>"
    );
    let validation = answer(&QUERY, &AwsError::new(&codes::VALIDATION, "No"));
    assert!(body(&validation).contains("<Code>ValidationError</Code>"));
}

#[test]
fn s3_errors_are_bare() {
    let response = answer(&XML, &sold_out());
    assert_eq!(
        body(&response),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SoldOutException</Code>\
         <Message>Sold &lt;out&gt;</Message><Left>0</Left><RequestId>id-1</RequestId><HostId>id-1</HostId></Error>"
    );
    assert_eq!(header(&response, "x-amz-request-id"), Some("id-1"));
}

#[test]
fn the_answer_to_head_has_no_body() {
    let head = XML.operation("HeadKey");
    let response = encode_error(&XML, Protocol::RestXml, head, &sold_out(), &id());
    assert_eq!((response.status, body(&response)), (409, ""));
}

#[test]
fn the_cause_never_reaches_the_wire() {
    let error = AwsError::internal("disk on fire");
    for model in [&JSON, &REST, &XML, &QUERY] {
        assert!(!body(&answer(model, &error)).contains("fire"));
    }
}
