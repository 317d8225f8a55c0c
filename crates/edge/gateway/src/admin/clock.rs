//! `/_updraft/clock`: shows time and moves it.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use updraft_kernel::UnixMillis;
use updraft_timers::{ClockControl, ClockState};

use super::failure;
use crate::response::{self, Response};

/// Exactly one of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance: Option<String>,
    set: Option<String>,
    reset: Option<bool>,
}

enum Order {
    Advance(Duration),
    Set(UnixMillis),
    Reset,
}

const USAGE: &str = r#"say {"advance":"24h"}, {"set":"2030-01-01T00:00:00Z"} or {"reset":true}"#;

pub(super) fn shown(state: &ClockState) -> Value {
    json!({ "now": iso(state.now), "realNow": iso(state.real_now), "offsetMillis": state.offset_millis })
}

pub(super) async fn moved(clock: &ClockControl, body: &Bytes) -> Response {
    let order = match parse(body) {
        Ok(order) => order,
        Err(why) => return failure(StatusCode::BAD_REQUEST, &why),
    };
    let outcome = match order {
        Order::Advance(span) => clock.advance(span).await,
        Order::Set(at) => clock.set(at).await,
        Order::Reset => clock.reset().await,
    };
    match outcome {
        Ok(state) => response::json(StatusCode::OK, &shown(&state)),
        Err(err) => {
            tracing::error!(error = %err, "the clock could not be moved to the end");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "the store failed while time was moved; the log says why")
        }
    }
}

fn parse(body: &[u8]) -> Result<Order, String> {
    let asked: Move = serde_json::from_slice(body).map_err(|_| USAGE.to_owned())?;
    match (asked.advance, asked.set, asked.reset) {
        (Some(span), None, None) => duration(&span).map(Order::Advance),
        (None, Some(at), None) => timestamp(&at).map(Order::Set),
        (None, None, Some(true)) => Ok(Order::Reset),
        _ => Err(USAGE.to_owned()),
    }
}

fn duration(raw: &str) -> Result<Duration, String> {
    let wrong = || format!("{raw:?} is no span of time; write 90s, 15m, 24h or 7d");
    let span: Span = raw.parse().map_err(|_| wrong())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(length).map_err(|_| "time is advanced forward only; use set to go back".to_owned())
}

fn timestamp(raw: &str) -> Result<UnixMillis, String> {
    let at: Timestamp = raw.parse().map_err(|_| format!("{raw:?} is no time; write 2030-01-01T00:00:00Z"))?;
    Ok(UnixMillis(at.as_millisecond()))
}

/// RFC 3339 with milliseconds.
pub(super) fn iso(at: UnixMillis) -> String {
    Timestamp::from_millisecond(at.0).map(|t| format!("{t:.3}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (raw, secs) in
            [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("1h 30m", 5_400), ("PT1M", 60)]
        {
            assert_eq!(duration(raw).unwrap(), Duration::from_secs(secs), "{raw}");
        }
        for raw in ["", "h", "-1h", "12"] {
            assert!(duration(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn exactly_one_order_is_taken() {
        assert!(parse(br#"{"advance":"1h"}"#).is_ok());
        assert!(parse(br#"{"set":"2030-01-01T00:00:00Z"}"#).is_ok());
        for bad in ["", "{}", r#"{"advance":"1h","reset":true}"#, r#"{"reset":false}"#, r#"{"advanse":"1h"}"#, "[1]"] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_shown_with_milliseconds() {
        assert_eq!(iso(UnixMillis(1_893_456_000_001)), "2030-01-01T00:00:00.001Z");
    }
}
