//! The two ways a signed request tells its time.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use updraft_kernel::UnixMillis;

/// Reads `YYYYMMDDTHHMMSSZ`.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<UnixMillis> {
    let shape = |(i, c): (usize, u8)| match i {
        8 => c == b'T',
        15 => c == b'Z',
        _ => c.is_ascii_digit(),
    };
    if text.len() != 16 || !text.bytes().enumerate().all(shape) {
        return None;
    }
    let part = |from: usize, len: usize| text.get(from..from + len)?.parse::<i8>().ok();
    let year = text.get(0..4)?.parse::<i16>().ok()?;
    let civil = DateTime::new(year, part(4, 2)?, part(6, 2)?, part(9, 2)?, part(11, 2)?, part(13, 2)?, 0).ok()?;
    Some(UnixMillis(Offset::UTC.to_timestamp(civil).ok()?.as_millisecond()))
}

/// Writes `YYYYMMDDTHHMMSSZ`; what lies outside of the years 0 to 9999 is written as the epoch.
#[must_use]
pub fn format_timestamp(at: UnixMillis) -> String {
    stamp(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Writes `2015-08-30T12:36:00Z`, as S3's errors show times.
pub(crate) fn format_extended(at: UnixMillis) -> String {
    stamp(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Reads the `Date` header in any of HTTP's forms.
pub(crate) fn parse_http_date(text: &str) -> Option<UnixMillis> {
    let at = httpdate::parse_http_date(text).ok()?;
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(UnixMillis(i64::try_from(since.as_millis()).ok()?))
}

fn stamp(at: UnixMillis) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_goes_there_and_back() {
        let at = parse_timestamp("20150830T123600Z").unwrap();
        assert_eq!(at, UnixMillis(1_440_938_160_000));
        assert_eq!(format_timestamp(at), "20150830T123600Z");
        assert_eq!(format_extended(at), "2015-08-30T12:36:00Z");
        assert_eq!(parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT"), Some(at));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for bad in
            ["", "20150830T123600", "20150830 123600Z", "20151330T123600Z", "20150830T250000Z", "+0150830T123600Z"]
        {
            assert_eq!(parse_timestamp(bad), None, "{bad}");
        }
    }
}
