//! Responses as what functions answer: whole, or as a prelude with pieces.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, SET_COOKIE};
use http::response::Parts;
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::request::Form;
use crate::failure;

/// What says that a stream begins with a prelude, and what ends that.
const PRELUDE: &str = "application/vnd.awslambda.http-integration-response";
const END: [u8; 8] = [0; 8];
/// More than any answer may have, in bytes: the engine is the one to say so.
const LIMIT: usize = 6_291_556;

/// The whole body. `None`: there is more of it than an answer may have.
pub(crate) async fn whole(mut body: HyperOutgoingBody) -> Result<Option<Bytes>, Error> {
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            all.extend_from_slice(&data);
        }
        if all.len() > LIMIT {
            return Ok(None);
        }
    }
    Ok(Some(all.freeze()))
}

/// What the call comes to: an error where nobody else could tell that it failed.
pub(crate) fn result(form: Form, head: &Parts, body: Bytes) -> Result<Bytes, Bytes> {
    match form {
        Form::Plain if head.status.is_client_error() || head.status.is_server_error() => {
            let kind = format!("HttpStatus{}", head.status.as_u16());
            Err(failure::payload(&kind, &String::from_utf8_lossy(&body)))
        }
        Form::Plain => Ok(body),
        Form::One | Form::Two => {
            let mut answer = said(form, head);
            let text = std::str::from_utf8(&body).ok().filter(|_| !head.headers.contains_key(CONTENT_ENCODING));
            answer.insert("isBase64Encoded".to_owned(), text.is_none().into());
            answer.insert("body".to_owned(), text.map_or_else(|| STANDARD.encode(&body), str::to_owned).into());
            Ok(Value::Object(answer).to_string().into())
        }
    }
}

/// Of a stream of pieces.
pub(crate) fn content_type(form: Form, head: &Parts) -> String {
    let own = || head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match form {
        Form::Plain => own().unwrap_or("application/octet-stream").to_owned(),
        Form::One | Form::Two => PRELUDE.to_owned(),
    }
}

/// What comes before the pieces.
pub(crate) fn prelude(form: Form, head: &Parts) -> Option<Bytes> {
    let said = (form != Form::Plain).then(|| Value::Object(said(form, head)).to_string());
    said.map(|said| [said.as_bytes(), &END].concat().into())
}

/// Everything but the body.
fn said(form: Form, head: &Parts) -> Map<String, Value> {
    let mut said = Map::new();
    said.insert("statusCode".to_owned(), head.status.as_u16().into());
    let mut all = values(&head.headers);
    if form == Form::Two {
        let cookies = all.remove(SET_COOKIE.as_str()).unwrap_or_default();
        if !cookies.is_empty() {
            said.insert("cookies".to_owned(), json!(cookies));
        }
        let joined: BTreeMap<_, _> = all.into_iter().map(|(name, values)| (name, values.join(","))).collect();
        said.insert("headers".to_owned(), json!(joined));
    } else {
        said.insert("multiValueHeaders".to_owned(), json!(all));
    }
    said
}

fn values(headers: &HeaderMap) -> BTreeMap<&str, Vec<String>> {
    let text = |name| headers.get_all(name).iter().map(|one| String::from_utf8_lossy(one.as_bytes()).into_owned());
    headers.keys().map(|name| (name.as_str(), text(name).collect())).collect()
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    fn head() -> Parts {
        let response = Response::builder().status(201).header("x", "1").header("x", "2").header("set-cookie", "a=1");
        response.header("set-cookie", "b=2").body(()).unwrap().into_parts().0
    }

    fn answered(form: Form, head: &Parts, body: &'static [u8]) -> Value {
        serde_json::from_slice(&result(form, head, Bytes::from_static(body)).unwrap()).unwrap()
    }

    #[test]
    fn answers_have_the_shape_that_the_event_calls_for() {
        let two = json!({
            "statusCode": 201, "cookies": ["a=1", "b=2"], "headers": {"x": "1,2"},
            "isBase64Encoded": false, "body": "hi",
        });
        assert_eq!(answered(Form::Two, &head(), b"hi"), two);
        let one = json!({
            "statusCode": 201, "multiValueHeaders": {"x": ["1", "2"], "set-cookie": ["a=1", "b=2"]},
            "isBase64Encoded": false, "body": "hi",
        });
        assert_eq!(answered(Form::One, &head(), b"hi"), one);
        assert_eq!(answered(Form::Plain, &head(), b"[1]"), json!([1]));
    }

    #[test]
    fn what_is_no_text_is_encoded() {
        assert_eq!(answered(Form::Two, &head(), b"\xff")["body"], "/w==");
        let mut packed = head();
        packed.headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        assert_eq!(answered(Form::Two, &packed, b"a")["body"], "YQ==");
    }

    #[test]
    fn a_status_is_an_error_where_nobody_would_see_it() {
        let mut bad = head();
        bad.status = http::StatusCode::NOT_FOUND;
        let error = result(Form::Plain, &bad, Bytes::from_static(b"gone")).unwrap_err();
        assert_eq!(error, r#"{"errorType":"HttpStatus404","errorMessage":"gone"}"#);
        assert_eq!(answered(Form::Two, &bad, b"gone")["statusCode"], 404);
    }

    #[test]
    fn streams_begin_with_what_is_no_body() {
        let prelude = prelude(Form::Two, &head()).unwrap();
        assert!(prelude.starts_with(br#"{"statusCode":201,"cookies":["#) && prelude.ends_with(&[0; 8]));
        assert_eq!(super::prelude(Form::Plain, &head()), None);
        assert_eq!(content_type(Form::Plain, &head()), "application/octet-stream");
    }
}
