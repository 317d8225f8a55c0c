//! Moments, spans, documents and states of executions, as they are shown.

use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;

/// Letters of a document that are shown at once.
const DOCUMENT: usize = 20_000;

/// Milliseconds since the epoch of a moment as operations tell it.
pub(crate) fn millis(value: Option<&Value>) -> Option<i64> {
    let at: Timestamp = value?.as_str()?.parse().ok()?;
    Some(at.as_millisecond())
}

/// `2030-01-01 00:00:00.123`, in UTC.
pub(crate) fn moment(at: i64) -> String {
    let text = Timestamp::from_millisecond(at).map(|at| format!("{at:.3}")).unwrap_or_default();
    text.replace('T', " ").trim_end_matches('Z').to_owned()
}

/// A moment for people and for programs.
pub(crate) fn time(at: Option<i64>) -> Markup {
    let Some(at) = at else { return html! { "–" } };
    let text = moment(at);
    let seconds = text.split('.').next().unwrap_or_default();
    html! { time datetime=(text.replace(' ', "T") + "Z") title=(format!("{text} UTC")) { (seconds) } }
}

/// `350 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub(crate) fn span(millis: i64) -> String {
    let seconds = millis / 1000;
    match millis {
        ..=999 => format!("{} ms", millis.max(0)),
        1_000..=59_999 => format!("{}.{} s", seconds, millis % 1000 / 100),
        60_000..=3_599_999 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600_000..=86_399_999 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// JSON set out over lines, if it is JSON.
pub(crate) fn pretty(text: &str) -> String {
    let parsed = serde_json::from_str::<Value>(text).ok().filter(|value| value.is_object() || value.is_array());
    parsed.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

/// A document, as far as it is shown at once.
pub(crate) fn document(text: &str) -> Markup {
    let text = pretty(text);
    let cut = text.char_indices().nth(DOCUMENT).map(|(at, _)| at);
    let shown = cut.and_then(|at| text.get(..at)).unwrap_or(&text);
    html! {
        pre tabindex="0" { (shown) @if cut.is_some() { "…" } }
        @if cut.is_some() { p.hint { "Only the beginning is shown: the whole has " (text.len()) " bytes." } }
    }
}

/// A sign and a class for a status, so that it isn't told by colour alone.
pub(crate) fn sign(status: &str) -> (&'static str, &'static str) {
    match status {
        "RUNNING" => ("running", "▶"),
        "SUCCEEDED" => ("succeeded", "✓"),
        "FAILED" => ("failed", "✕"),
        "TIMED_OUT" => ("failed", "⏱"),
        "ABORTED" => ("aborted", "■"),
        "PENDING_REDRIVE" => ("waiting", "…"),
        _ => ("", "·"),
    }
}

pub(crate) fn status(status: &str) -> Markup {
    let (class, sign) = sign(status);
    let words = status.replace('_', " ").to_lowercase();
    html! { span class=(format!("status {class}")) { span aria-hidden="true" { (sign) } " " (words) } }
}

/// The last part of an ARN.
pub(crate) fn last(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_two_units() {
        let cases = [(0, "0 ms"), (999, "999 ms"), (1_250, "1.2 s"), (61_000, "1 min 1 s"), (7_500_000, "2 h 5 min")];
        for (millis, said) in cases {
            assert_eq!(span(millis), said);
        }
        assert_eq!(span(300_000_000), "3 d 11 h");
    }

    #[test]
    fn moments_go_there_and_back() {
        let at = millis(Some(&Value::from("2030-01-01T00:00:00.123Z"))).unwrap();
        assert_eq!(moment(at), "2030-01-01 00:00:00.123");
        assert_eq!(moment(at - 123), "2030-01-01 00:00:00.000");
    }
}
