//! Requests no client would send: whatever they are, the answer is an error of the sender's or a value.

use proptest::prelude::*;
use updraft_wire::{ServiceModel, Value, decode, encode_error, find, protocol_of};

use crate::model::{DYNAMODB, MANY, QUERY, REST, SQS, XML};
use crate::{Sent, id};

static MODELS: [&ServiceModel; 6] = [&DYNAMODB, &SQS, &MANY, &REST, &XML, &QUERY];

fn answer(model: &'static ServiceModel, sent: &Sent) -> Option<Value> {
    let request = sent.request();
    match find(model, &request).and_then(|call| decode(&call, &request)) {
        Ok(value) => Some(value),
        Err(error) => {
            let response = encode_error(model, protocol_of(model, &request), None, &error, &id());
            assert!((400..500).contains(&response.status), "{error:?}");
            None
        }
    }
}

fn sent() -> impl Strategy<Value = Sent> {
    let method = prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"]);
    let path = prop_oneof![
        "(/[a-z%0-9A-F{}+.;]{0,5}){0,4}",
        Just("/2026-01-01/things".to_owned()),
        Just("/things/%C3%A4/send".to_owned()),
        Just("/service/Shop/operation/Make".to_owned()),
    ];
    let query = "([a-zA-Z%0-9=.+]{0,8}&?){0,4}";
    let header = (
        prop::sample::select(vec!["x-amz-target", "content-type", "smithy-protocol", "x-amz-kind", "x-amz-meta-k"]),
        prop_oneof![
            "[ -~]{0,12}",
            Just("Shop_20260101.Make".to_owned()),
            Just("application/x-www-form-urlencoded".to_owned()),
        ],
    );
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "[{}\\[\\]\":,a-zA-Z0-9]{0,40}".prop_map(String::into_bytes),
        "(Action=Make&)?([A-Za-z.0-9]{1,9}=[a-z%0-9]{0,3}&?){0,4}".prop_map(String::into_bytes),
    ];
    (method, path, query, prop::collection::vec(header, 0..4), body).prop_map(|(method, path, query, headers, body)| {
        let sent = Sent::new(method, &format!("{path}?{query}")).body(body);
        headers.iter().fold(sent, |sent, (name, value)| sent.header(name, value))
    })
}

proptest! {
    #[test]
    fn every_request_gets_an_answer(sent in sent()) {
        for model in MODELS {
            answer(model, &sent);
        }
    }
}

#[test]
fn a_good_request_is_still_one() {
    assert!(answer(&DYNAMODB, &crate::target("Make", r#"{"Name":"abc"}"#)).is_some());
}
