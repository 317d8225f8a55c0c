//! What is asked: which time, in which periods.

use updraft_kernel::{AwsError, UnixMillis};

use super::level::{Level, floor};
use crate::errors::{invalid_combination, invalid_value};
use crate::table::Span;

/// The time from `start` to `end`, in periods of `period` seconds. `names` is what the caller calls the period.
///
/// # Errors
/// AWS's, where there is no such time or no such period.
pub(crate) fn span(
    start: UnixMillis,
    end: UnixMillis,
    period: i32,
    now: UnixMillis,
    names: &str,
) -> Result<Span, AwsError> {
    if start >= end {
        return Err(invalid_value("The parameter StartTime must be less than the parameter EndTime."));
    }
    let period = i64::from(period);
    if !matches!(period, 1 | 5 | 10 | 30) && (period <= 0 || period % 60 != 0) {
        return Err(invalid_value(format!("The parameter {names} must be 1, 5, 10, 30 or a multiple of 60.")));
    }
    let (now, start) = (now.secs(), start.secs());
    Ok(Span { start: rounded(start, period, now), end: ceiling(end), period, now })
}

/// AWS: a start is rounded down to whole steps of what values of its age are told in, or to whole short periods.
fn rounded(start: i64, period: i64, now: i64) -> i64 {
    let step = match Level::at_age(now - start) {
        Some(Level::Second | Level::Minute) => period.min(60),
        Some(level) => level.step(),
        None => Level::Hour.step(),
    };
    floor(start, step)
}

/// The end is exclusive, to the millisecond; values lie by seconds.
fn ceiling(end: UnixMillis) -> i64 {
    end.secs() + i64::from(end.0.rem_euclid(1000) > 0)
}

/// # Errors
/// AWS's, where more periods are asked for than `most`.
pub(crate) fn check_points(span: &Span, asked: (UnixMillis, UnixMillis), most: i64) -> Result<(), AwsError> {
    let points = (asked.1.0 - asked.0.0) / 1000 / span.period;
    if points <= most {
        return Ok(());
    }
    Err(invalid_combination(format!(
        "You have requested up to {points} datapoints, which exceeds the limit of {most}. You may reduce the datapoints \
         requested by increasing Period, or decreasing the time range."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_893_456_000_000);
    const DAY: i64 = 86_400;

    fn ago(seconds: i64) -> UnixMillis {
        UnixMillis(NOW.0 - seconds * 1000)
    }

    #[test]
    fn a_start_is_rounded_by_its_age_and_the_period() {
        for (age, period, rounded) in [
            (61, 60, 120),
            (61, 300, 120),
            (61, 1, 61),
            (61, 10, 70),
            (15 * DAY - 1, 300, 15 * DAY),
            (15 * DAY + 1, 300, 15 * DAY + 300),
            (63 * DAY + 1, 3600, 63 * DAY + 3600),
            (500 * DAY + 1, 3600, 500 * DAY + 3600),
        ] {
            let span = span(ago(age), NOW, period, NOW, "Period").unwrap();
            assert_eq!(NOW.secs() - span.start, rounded, "{age} {period}");
        }
    }

    #[test]
    fn the_end_is_exclusive() {
        let end = |millis| span(ago(60), UnixMillis(NOW.0 + millis), 60, NOW, "Period").unwrap().end - NOW.secs();
        assert_eq!((end(0), end(1), end(1000)), (0, 1, 1));
    }

    #[test]
    fn times_and_periods_that_are_none() {
        assert!(span(NOW, NOW, 60, NOW, "Period").is_err());
        for (period, taken) in [(0, false), (1, true), (2, false), (30, true), (60, true), (90, false), (-60, false)] {
            assert_eq!(span(ago(60), NOW, period, NOW, "Period").is_ok(), taken, "{period}");
        }
    }

    /// Recorded: `test_invalid_amount_of_datapoints`.
    #[test]
    fn both_sides_of_how_many_points_there_may_be() {
        let asked = (ago(DAY), NOW);
        let points = |period| check_points(&span(asked.0, asked.1, period, NOW, "Period").unwrap(), asked, 1_440);
        assert!(points(60).is_ok());
        let refusal = points(1).unwrap_err();
        assert!(
            refusal
                .message()
                .starts_with("You have requested up to 86400 datapoints, which exceeds the limit of 1440.")
        );
    }
}
