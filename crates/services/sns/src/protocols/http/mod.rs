//! HTTP and HTTPS endpoints: a POST for each message, and for the question whether it wants them.

mod letters;
mod pace;
mod policy;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{HeaderMap, HeaderName, Method};
use updraft_kernel::AwsError;
use updraft_kernel::ports::{WebFailure, WebRequest, WebResponse};

pub(crate) use self::letters::{Letters, ask_to_confirm, tell_of_end};
pub(crate) use self::pace::Pace;
pub(crate) use self::policy::Policy;
use super::{Answer, Sent};
use crate::Sns;
use crate::errors::invalid;
use crate::fanout::Parcel;

/// AWS: an endpoint has so long to answer.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) fn check_endpoint(protocol: &str, endpoint: &str) -> Result<(), AwsError> {
    let (scheme, rest) = endpoint.split_once("://").unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(protocol) {
        return Err(invalid("Endpoint must match the specified protocol"));
    }
    let url: Result<http::Uri, _> = endpoint.parse();
    if rest.is_empty() || !url.is_ok_and(|url| url.host().is_some_and(|host| !host.is_empty())) {
        return Err(invalid("Endpoint"));
    }
    Ok(())
}

/// AWS: in no particular order.
pub(super) async fn send(svc: &Sns, parcel: &Parcel<'_>) -> Vec<Sent> {
    let policy = Policy::of(parcel.sheet.row, &parcel.row);
    join_all(parcel.messages.iter().map(|index| send_one(svc, parcel, &policy, *index))).await
}

async fn send_one(svc: &Sns, parcel: &Parcel<'_>, policy: &Policy, index: usize) -> Sent {
    let Some(message) = parcel.sheet.message(index) else {
        return Sent::Never(Answer { status: 500, response: "the message isn't there".to_owned() });
    };
    let turn = policy.rate.and_then(|rate| svc.pace.wait((&parcel.id, &message.id), rate, svc.parts.clock.now()));
    if let Some(wait) = turn {
        return Sent::NotYet(wait);
    }
    let raw = parcel.row.is_raw();
    let body = match raw {
        true => message.text_for(&parcel.row.protocol).to_owned(),
        false => parcel.sheet.envelope(index, parcel),
    };
    let post = Post {
        url: &parcel.row.endpoint,
        kind: "Notification",
        id: &message.id,
        topic: &parcel.sheet.topic.arn().to_string(),
        subscription: Some(&parcel.arn()),
        raw,
        content_type: &policy.content_type,
        body,
    };
    post.send(svc).await
}

/// How long the first retry of a message waits. What waits for its turn wasn't tried yet.
pub(super) fn first_pause(svc: &Sns, policy: &Policy, (subscription, message): (&str, &str)) -> Option<Duration> {
    let pause = policy.first_pause();
    (!pause.is_zero() && !svc.pace.is_given(subscription, message)).then_some(pause)
}

/// One POST.
struct Post<'a> {
    url: &'a str,
    kind: &'static str,
    id: &'a str,
    topic: &'a str,
    subscription: Option<&'a str>,
    raw: bool,
    content_type: &'a str,
    body: String,
}

impl Post<'_> {
    async fn send(self, svc: &Sns) -> Sent {
        let request = WebRequest {
            method: Method::POST,
            url: self.url.to_owned(),
            headers: self.headers(),
            body: Bytes::from(self.body),
            patience: PATIENCE,
        };
        told(svc.parts.web.send(request).await)
    }

    fn headers(&self) -> HeaderMap {
        let known = [
            (USER_AGENT, "Amazon Simple Notification Service Agent"),
            (ACCEPT_ENCODING, "gzip,deflate"),
            (CONNECTION, "Keep-Alive"),
            (CONTENT_TYPE, self.content_type),
            (HeaderName::from_static("x-amz-sns-message-type"), self.kind),
            (HeaderName::from_static("x-amz-sns-message-id"), self.id),
            (HeaderName::from_static("x-amz-sns-topic-arn"), self.topic),
        ];
        let subscription = self.subscription.map(|arn| (HeaderName::from_static("x-amz-sns-subscription-arn"), arn));
        let raw = self.raw.then_some((HeaderName::from_static("x-amz-sns-rawdelivery"), "true"));
        let all = known.into_iter().chain(subscription).chain(raw);
        all.filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))).collect()
    }
}

/// AWS: what the server is to blame for is tried again, and what the subscriber is to blame for isn't.
fn told(answer: Result<WebResponse, WebFailure>) -> Sent {
    match answer {
        Ok(WebResponse { status, body, .. }) => {
            let answer =
                Answer { status, response: String::from_utf8_lossy(body.get(..512).unwrap_or(&body)).into_owned() };
            match status {
                200..=299 => Sent::Done(answer),
                429 | ..200 | 500.. => Sent::Later(answer),
                _ => Sent::Never(answer),
            }
        }
        Err(failure @ (WebFailure::Url(_) | WebFailure::Forbidden(_))) => {
            Sent::Never(Answer { status: 403, response: failure.to_string() })
        }
        Err(failure) => Sent::Later(Answer { status: 503, response: failure.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_of_the_protocol() {
        for (protocol, endpoint) in [("http", "http://a/b?c"), ("https", "HTTPS://u:p@a:8443")] {
            assert!(check_endpoint(protocol, endpoint).is_ok(), "{endpoint}");
        }
        for endpoint in ["https://a/", "a/b", "http://", "http:///x", "", "http://a b/"] {
            assert!(check_endpoint("http", endpoint).is_err(), "{endpoint}");
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let of = |status| {
            let (headers, body) = (HeaderMap::new(), Bytes::new());
            told(Ok(WebResponse { status, headers, body }))
        };
        assert!(matches!(of(204), Sent::Done(_)));
        assert!([100, 429, 500, 503].into_iter().all(|status| matches!(of(status), Sent::Later(_))));
        assert!([301, 400, 404, 410].into_iter().all(|status| matches!(of(status), Sent::Never(_))));
        assert!(matches!(told(Err(WebFailure::TooSlow)), Sent::Later(_)));
        assert!(matches!(told(Err(WebFailure::Forbidden("x".into()))), Sent::Never(_)));
    }
}
