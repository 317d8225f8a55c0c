//! Timestamps in the ways AWS writes them.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use updraft_kernel::UnixMillis;

/// From seconds since the epoch, to the millisecond; `None` beyond the years that dates can have.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(crate) fn from_seconds(seconds: f64) -> Option<UnixMillis> {
    let millis = (seconds * 1000.0).round();
    (millis.abs() < 1e15).then_some(UnixMillis(millis as i64))
}

/// Seconds since the epoch, with as many decimals as there are.
pub(crate) fn seconds(at: UnixMillis) -> String {
    let sign = if at.0 < 0 { "-" } else { "" };
    let millis = at.0.unsigned_abs();
    match millis % 1000 {
        0 => format!("{sign}{}", millis / 1000),
        rest => format!("{sign}{}.{rest:03}", millis / 1000).trim_end_matches('0').to_owned(),
    }
}

/// `2026-01-01T00:00:00Z`, with milliseconds where there are any.
pub(crate) fn iso8601(at: UnixMillis) -> String {
    let pattern = if at.0.rem_euclid(1000) == 0 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S.%3fZ" };
    moment(at).strftime(pattern).to_string()
}

/// `2026-01-01T00:00:00.000Z`: always with milliseconds.
pub(crate) fn iso8601_millis(at: UnixMillis) -> String {
    moment(at).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `Thu, 01 Jan 2026 00:00:00 GMT`.
pub(crate) fn rfc822(at: UnixMillis) -> String {
    moment(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Any of the three: ISO 8601, RFC 822, seconds since the epoch.
pub(crate) fn parse(text: &str) -> Option<UnixMillis> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(UnixMillis(at.as_millisecond()));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return from_seconds(seconds);
    }
    if let Ok(at) = rfc2822::parse(text) {
        return Some(UnixMillis(at.timestamp().as_millisecond()));
    }
    // Without a zone, it is UTC.
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    Some(UnixMillis(TimeZone::UTC.to_timestamp(civil).ok()?.as_millisecond()))
}

/// Beyond what dates can have, the nearest that they can.
fn moment(at: UnixMillis) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_reads_back() {
        let at = UnixMillis(1_767_225_600_123);
        assert_eq!(seconds(at), "1767225600.123");
        assert_eq!(seconds(UnixMillis(1_500)), "1.5");
        assert_eq!(seconds(UnixMillis(0)), "0");
        assert_eq!(iso8601(at), "2026-01-01T00:00:00.123Z");
        assert_eq!(iso8601(UnixMillis(0)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc822(at), "Thu, 01 Jan 2026 00:00:00 GMT");
        for text in
            ["1767225600.123", "2026-01-01T00:00:00.123Z", "2026-01-01T01:00:00.123+01:00", "2026-01-01T00:00:00.123"]
        {
            assert_eq!(parse(text), Some(at), "{text}");
        }
        assert_eq!(parse("Thu, 01 Jan 2026 00:00:00 GMT"), Some(UnixMillis(1_767_225_600_000)));
        assert_eq!(parse("soon"), None);
        assert_eq!(from_seconds(f64::NAN), None);
        assert_eq!(from_seconds(1e300), None);
    }
}
