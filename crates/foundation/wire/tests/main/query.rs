//! awsQuery.

use updraft_wire::{Value, encode};

use crate::model::QUERY;
use crate::{Sent, body, form, header, id, text};

#[test]
fn members_are_paths_in_a_form() {
    let sent = form(
        "Action=Make&Version=2026-01-01&Name=abc&Names.member.2=two&Names.member.1=one&Tags.entry.1.key=abc\
         &Tags.entry.1.value=a+%26+b&Label.1=x&Label.2=y&Parts.member.1.Name=def&Flag=true&Count=3",
    );
    let part = Value::Structure(vec![(0, text("def"))]);
    let expected = Value::Structure(vec![
        (0, text("abc")),
        (2, Value::Int(3)),
        (4, Value::List(vec![text("one"), text("two")])),
        (5, Value::Map(vec![("abc".to_owned(), text("a & b"))])),
        (7, Value::List(vec![part])),
        (11, Value::Bool(true)),
        (12, Value::List(vec![text("x"), text("y")])),
    ]);
    assert_eq!(sent.decode(&QUERY).unwrap(), expected);
}

#[test]
fn the_url_may_hold_what_the_body_does_not() {
    let sent = Sent::new("GET", "/?Action=Make&Version=2026-01-01&Name=abc");
    assert_eq!(sent.decode(&QUERY).unwrap(), Value::Structure(vec![(0, text("abc"))]));
}

#[test]
fn an_empty_list_can_be_said() {
    let sent = form("Action=Make&Name=abc&Names=");
    assert_eq!(sent.decode(&QUERY).unwrap(), Value::Structure(vec![(0, text("abc")), (4, Value::List(Vec::new()))]));
}

#[test]
fn what_stands_alone_needs_no_number() {
    let sent = form("Action=Make&Name=abc&Label=x&Names.member=one&Tags.entry.key=abc&Tags.entry.value=def");
    let expected = Value::Structure(vec![
        (0, text("abc")),
        (4, Value::List(vec![text("one")])),
        (5, Value::Map(vec![("abc".to_owned(), text("def"))])),
        (12, Value::List(vec![text("x")])),
    ]);
    assert_eq!(sent.decode(&QUERY).unwrap(), expected);
}

#[test]
fn an_answer_has_a_result_and_metadata() {
    let call = form("Action=Make&Name=abc").find(&QUERY).unwrap();
    let response = encode(&call, &Value::Structure(vec![(0, text("a<b"))]), &id());
    assert_eq!(
        body(&response),
        "<MakeResponse xmlns=\"https://shop.example.com/doc/2026-01-01/\"><MakeResult><Name>a&lt;b</Name></MakeResult>\
         <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></MakeResponse>"
    );
    assert_eq!(header(&response, "content-type"), Some("text/xml"));
}

#[test]
fn what_cannot_be_read_is_a_fault_of_the_sender() {
    let code = |body: &str| form(body).decode(&QUERY).unwrap_err().code().name;
    assert_eq!(code("Action=Make&Name=abc&Count=many"), "MalformedInput");
    assert_eq!(code("Action=Make&Name=abc&Names.member.x=one"), "MalformedInput");
    assert_eq!(code("Action=Make&Name=%ff"), "MalformedInput");
    assert_eq!(code("Action=Mend"), "InvalidAction");
    assert_eq!(code("Version=1"), "MissingAction");
}
