//! The record of an asynchronous call, and the attributes of a dead letter, as AWS writes them. Pure.

use serde_json::{Value, json};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::EventAttribute;

use super::events::Condition;
use crate::errors::IN_A_LOOP;

/// AWS: so much of an error's message goes with a dead letter, in bytes.
const MESSAGE: usize = 1024;

/// What the function answered at last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response<'a> {
    pub(crate) payload: &'a [u8],
    pub(crate) error: Option<&'static str>,
    pub(crate) executed_version: &'a str,
}

/// Everything that is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) at: UnixMillis,
    pub(crate) request_id: &'a str,
    /// With a qualifier, always.
    pub(crate) function: &'a str,
    pub(crate) condition: Condition,
    /// How often the function was called.
    pub(crate) invoked: u32,
    pub(crate) request: &'a [u8],
    pub(crate) response: Option<Response<'a>>,
}

impl Record<'_> {
    /// Payloads go in as they are: they are JSON already, and of any depth and size.
    pub(crate) fn json(&self) -> Vec<u8> {
        let context = json!({
            "requestId": self.request_id,
            "functionArn": self.function,
            "condition": self.condition.as_str(),
            "approximateInvokeCount": self.invoked,
        });
        let mut out = format!(
            r#"{{"version":"1.0","timestamp":"{}","requestContext":{context},"requestPayload":"#,
            timestamp(self.at)
        )
        .into_bytes();
        out.extend_from_slice(self.request);
        if let Some(response) = &self.response {
            out.extend_from_slice(
                format!(r#","responseContext":{},"responsePayload":"#, context_of(response)).as_bytes(),
            );
            out.extend_from_slice(&as_json(response.payload));
        }
        out.push(b'}');
        out
    }
}

fn context_of(response: &Response<'_>) -> Value {
    let mut context = json!({ "statusCode": 200, "executedVersion": response.executed_version });
    if let (Some(error), Some(members)) = (response.error, context.as_object_mut()) {
        members.insert("functionError".to_owned(), Value::from(error));
    }
    context
}

/// A runtime may answer anything; what isn't JSON is recorded as text.
fn as_json(payload: &[u8]) -> Vec<u8> {
    match super::payload::check_json(payload) {
        Ok(()) => payload.to_vec(),
        Err(_) => Value::from(String::from_utf8_lossy(payload)).to_string().into_bytes(),
    }
}

/// AWS: `2019-11-14T18:16:05.568Z`.
fn timestamp(at: UnixMillis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// AWS: under which a record lies in a bucket.
pub(crate) fn object_key(function: &str, at: UnixMillis, id: &str) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    format!("aws/lambda/async/{function}/{}-{id}", at.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S"))
}

/// AWS: what a bus calls a record.
pub(crate) fn detail_type(condition: Condition) -> String {
    let how = if condition == Condition::Success { "Success" } else { "Failure" };
    format!("Lambda Function Invocation Result - {how}")
}

/// What goes with an event to a dead-letter target.
pub(crate) fn attributes(
    request_id: &str,
    condition: Condition,
    response: Option<Response<'_>>,
) -> Vec<EventAttribute> {
    let (code, message) = match (response, condition) {
        (Some(response), _) => ("200", message(&response)),
        (None, Condition::RecursiveInvocation) => ("400", IN_A_LOOP.to_owned()),
        // An event that the function never saw was throttled, all the time.
        (None, _) => ("429", "Rate Exceeded.".to_owned()),
    };
    let attribute = |name: &str, is_number, value| EventAttribute { name: name.to_owned(), is_number, value };
    vec![
        attribute("RequestID", false, request_id.to_owned()),
        attribute("ErrorCode", true, code.to_owned()),
        attribute("ErrorMessage", false, message),
    ]
}

fn message(response: &Response<'_>) -> String {
    let error: Option<Value> = serde_json::from_slice(response.payload).ok();
    let said = error.as_ref().and_then(|error| error.get("errorMessage")?.as_str());
    let text = said.map_or_else(|| String::from_utf8_lossy(response.payload).into_owned(), str::to_owned);
    text.get(..text.floor_char_boundary(MESSAGE)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<'a>(condition: Condition, response: Option<Response<'a>>) -> Record<'a> {
        Record {
            at: UnixMillis(1_573_755_365_568),
            request_id: "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
            function: "arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST",
            condition,
            invoked: 3,
            request: br#"{"ORDER_IDS": ["9e07af03", 1.0]}"#,
            response,
        }
    }

    fn failed(payload: &[u8]) -> Option<Response<'_>> {
        Some(Response { payload, error: Some("Unhandled"), executed_version: "$LATEST" })
    }

    #[test]
    fn a_record_is_written_as_aws_writes_it() {
        let json = record(Condition::RetriesExhausted, failed(br#"{"errorMessage":"RequestId: 1"}"#)).json();
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"version":"1.0","timestamp":"2019-11-14T18:16:05.568Z","requestContext":{"requestId":"e4b46cbf-b738-xmpl-8880-a18cdf61200e","functionArn":"arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"ORDER_IDS": ["9e07af03", 1.0]},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorMessage":"RequestId: 1"}}"#
        );
    }

    /// Recorded: `test_reserved_concurrency`.
    #[test]
    fn what_never_ran_has_no_response() {
        let json = record(Condition::ZeroReservedConcurrency, None).json();
        let members: Value = serde_json::from_slice(&json).unwrap();
        assert!(members.get("responseContext").is_none() && members.get("responsePayload").is_none());
        let done = Some(Response { payload: b"null", error: None, executed_version: "1" });
        let members: Value = serde_json::from_slice(&record(Condition::Success, done).json()).unwrap();
        assert_eq!(members["responseContext"], json!({ "statusCode": 200, "executedVersion": "1" }));
        assert_eq!(members["responsePayload"], Value::Null);
    }

    #[test]
    fn answers_of_any_kind_make_json() {
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        for (payload, expected) in [("not json", r#""not json""#), ("", r#""""#), (deep.as_str(), deep.as_str())] {
            let json = String::from_utf8(record(Condition::Success, failed(payload.as_bytes())).json()).unwrap();
            assert!(json.ends_with(&format!(r#""responsePayload":{expected}}}"#)), "{payload}");
        }
    }

    /// Recorded: `test_dead_letter_queue`.
    #[test]
    fn a_dead_letter_says_what_went_wrong() {
        let values = |response| {
            attributes("id", Condition::RetriesExhausted, response).into_iter().map(|one| one.value).collect::<Vec<_>>()
        };
        assert_eq!(values(failed(br#"{"errorMessage":"oops","errorType":"E"}"#)), ["id", "200", "oops"]);
        assert_eq!(values(failed(b"no object")), ["id", "200", "no object"]);
        assert_eq!(values(None), ["id", "429", "Rate Exceeded."]);
        let long = format!(r#"{{"errorMessage":"{}"}}"#, "ü".repeat(600));
        assert_eq!(values(failed(long.as_bytes()))[2], "ü".repeat(512));
        let numbers: Vec<_> =
            attributes("id", Condition::RetriesExhausted, None).iter().map(|one| one.is_number).collect();
        assert_eq!(numbers, [false, true, false]);
    }

    #[test]
    fn buckets_and_buses_have_names_for_records() {
        let key = object_key("f", UnixMillis(1_573_755_365_568), "id");
        assert_eq!(key, "aws/lambda/async/f/2019/11/14/2019-11-14T18.16.05-id");
        assert_eq!(detail_type(Condition::Success), "Lambda Function Invocation Result - Success");
        assert_eq!(detail_type(Condition::EventAgeExceeded), "Lambda Function Invocation Result - Failure");
    }
}
