//! Where in a REST message the members travel.

use updraft_kernel::UnixMillis;
use updraft_wire::{Value, encode};

use crate::model::{REST, XML};
use crate::{Sent, body, header, id, text};

#[test]
fn members_come_from_path_query_headers_and_body() {
    let sent =
        Sent::new("POST", "/things/arn%3Aaws%3A%2Fa+b/send?keys=a&since=2026-01-01T00%3A00%3A00Z&keys=b+c&limit=3")
            .header("x-amz-kind", "fast")
            .header("x-amz-meta-abc", "1")
            .body("raw");
    let expected = Value::Structure(vec![
        (1, Value::Blob("raw".into())),
        (0, text("arn:aws:/a+b")),
        (2, text("fast")),
        (3, Value::Timestamp(UnixMillis(1_767_225_600_000))),
        (4, Value::List(vec![text("a"), text("b c")])),
        (5, Value::Map(vec![("abc".to_owned(), text("1"))])),
        (6, Value::Int(3)),
    ]);
    assert_eq!(sent.decode(&REST).unwrap(), expected);
}

#[test]
fn a_number_in_the_query_must_be_one() {
    let error = Sent::new("POST", "/things/a/send?limit=many").decode(&REST).unwrap_err();
    assert_eq!(error.code().name, "SerializationException");
}

#[test]
fn an_output_goes_into_status_headers_and_body() {
    let output = Value::Structure(vec![
        (0, Value::Int(207)),
        (1, text("fast")),
        (2, Value::Blob("raw".into())),
        (3, Value::Timestamp(UnixMillis(1_767_225_600_000))),
        (4, Value::Map(vec![("abc".to_owned(), text("1"))])),
    ]);
    let response = encode(&Sent::new("POST", "/things/a/send").find(&REST).unwrap(), &output, &id());
    assert_eq!((response.status, body(&response)), (207, "raw"));
    assert_eq!(header(&response, "x-amz-kind"), Some("fast"));
    assert_eq!(header(&response, "last-modified"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(header(&response, "x-amz-meta-abc"), Some("1"));
    assert_eq!(header(&response, "x-amzn-requestid"), Some("id-1"));
}

#[test]
fn a_header_that_would_break_the_message_is_left_out() {
    let output = Value::Structure(vec![(1, text("a\r\nSet-Cookie: b"))]);
    let response = encode(&Sent::new("POST", "/things/a/send").find(&REST).unwrap(), &output, &id());
    assert_eq!(header(&response, "x-amz-kind"), None);
}

#[test]
fn empty_answers_are_as_empty_as_awss() {
    let bodies = |method: &str, path: &str| {
        let call = Sent::new(method, path).find(&REST).unwrap();
        let response = encode(&call, &Value::empty(), &id());
        (response.status, body(&response).to_owned())
    };
    assert_eq!(bodies("GET", "/ping"), (200, "{}".to_owned()), "an output without members");
    assert_eq!(bodies("POST", "/rest"), (202, String::new()), "no output");
    assert_eq!(bodies("DELETE", "/b/k"), (204, String::new()), "no content");
}

#[test]
fn xml_goes_both_ways() {
    let sent = Sent::new("POST", "/2026-01-01/things").body(
        "<?xml version=\"1.0\"?><MakeRequest xmlns=\"http://x/\"><Name>abc</Name><Tags><entry><key>one</key>\
         <value>a &amp; &lt;b&gt; &#228;</value></entry></Tags><Label>x</Label><Label>y</Label>\
         <Names><member>two</member></Names><!-- no --></MakeRequest>",
    );
    let expected = Value::Structure(vec![
        (0, text("abc")),
        (4, Value::List(vec![text("two")])),
        (5, Value::Map(vec![("one".to_owned(), text("a & <b> ä"))])),
        (12, Value::List(vec![text("x"), text("y")])),
    ]);
    assert_eq!(sent.decode(&XML).unwrap(), expected);
    let output = Value::Structure(vec![
        (0, text("a & <b>")),
        (1, Value::Timestamp(UnixMillis(1_767_225_600_000))),
        (4, Value::List(vec![text("x")])),
        (5, Value::List(vec![text("y"), text("z")])),
    ]);
    let response = encode(&sent.find(&XML).unwrap(), &output, &id());
    assert_eq!(
        body(&response),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MakeOutput xmlns=\"https://shop.example.com/doc/2026-01-01/\">\
         <Name>a &amp; &lt;b&gt;</Name><Date>2026-01-01T00:00:00.000Z</Date><Texts><member>x</member></Texts>\
         <Label>y</Label><Label>z</Label></MakeOutput>"
    );
    assert_eq!(header(&response, "x-amz-request-id"), Some("id-1"));
}

#[test]
fn no_document_type_no_entity() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"b\">]><x><Name>&a;</Name></x>";
    let error = Sent::new("POST", "/2026-01-01/things").body(bomb).decode(&XML).unwrap_err();
    assert_eq!((error.code().name, error.code().status), ("MalformedXML", 400));
}
