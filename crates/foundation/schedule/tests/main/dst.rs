//! Changes of clocks.

use updraft_kernel::UnixMillis;
use updraft_schedule::{Expression, Style, Zone};

fn millis(utc: &str) -> UnixMillis {
    UnixMillis(utc.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// The next moments, in UTC.
fn next(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let (expression, zone) = (Expression::parse(expression, Style::Scheduler).unwrap(), Zone::parse(zone).unwrap());
    let mut at = millis(after);
    let anchor = at;
    let mut found = Vec::new();
    while found.len() < count {
        let Some(due) = expression.next_after(at, anchor, &zone) else { break };
        found.push(jiff::Timestamp::from_millisecond(due.0).unwrap().to_string());
        at = due;
    }
    found
}

#[test]
fn a_time_that_clocks_skip_is_skipped() {
    // In 2030, New York's clocks go from 2:00 to 3:00 on March 10.
    assert_eq!(
        next("cron(30 2 * * ? *)", "America/New_York", "2030-03-09T00:00:00Z", 3),
        ["2030-03-09T07:30:00Z", "2030-03-11T06:30:00Z", "2030-03-12T06:30:00Z"],
    );
    assert_eq!(
        next("cron(0/30 * * * ? *)", "America/New_York", "2030-03-10T06:29:00Z", 3),
        ["2030-03-10T06:30:00Z", "2030-03-10T07:00:00Z", "2030-03-10T07:30:00Z"],
    );
}

#[test]
fn a_time_that_clocks_show_twice_is_due_once() {
    // In 2030, Zurich's clocks go from 3:00 back to 2:00 on October 27, at 1:00 in UTC.
    assert_eq!(
        next("cron(30 2 * * ? *)", "Europe/Zurich", "2030-10-26T00:00:00Z", 3),
        ["2030-10-26T00:30:00Z", "2030-10-27T00:30:00Z", "2030-10-28T01:30:00Z"],
    );
    // Asked in the second of the two hours, too.
    assert_eq!(next("cron(45 2 * * ? *)", "Europe/Zurich", "2030-10-27T01:05:00Z", 1), ["2030-10-28T01:45:00Z"]);
    assert_eq!(next("cron(0 3 * * ? *)", "Europe/Zurich", "2030-10-27T01:05:00Z", 1), ["2030-10-27T02:00:00Z"]);
}

#[test]
fn a_day_of_a_rate_has_24_hours() {
    assert_eq!(
        next("rate(1 day)", "America/New_York", "2030-03-09T12:00:00Z", 2),
        ["2030-03-10T12:00:00Z", "2030-03-11T12:00:00Z"],
    );
}

#[test]
fn what_is_due_once_is_due_by_the_zones_clock() {
    assert_eq!(next("at(2030-07-01T08:00:00)", "Asia/Kolkata", "2030-01-01T00:00:00Z", 2), ["2030-07-01T02:30:00Z"]);
    assert_eq!(
        next("at(2030-03-10T02:30:00)", "America/New_York", "2030-01-01T00:00:00Z", 2),
        ["2030-03-10T07:30:00Z"]
    );
}

#[test]
fn days_of_months_and_weeks() {
    let utc = |expression| next(expression, "UTC", "2030-01-01T00:00:00Z", 3);
    assert_eq!(utc("cron(0 0 L * ? *)"), ["2030-01-31T00:00:00Z", "2030-02-28T00:00:00Z", "2030-03-31T00:00:00Z"]);
    // The last weekdays: March's last day is a Sunday.
    assert_eq!(utc("cron(0 0 LW * ? *)"), ["2030-01-31T00:00:00Z", "2030-02-28T00:00:00Z", "2030-03-29T00:00:00Z"]);
    // June 1, 2030 is a Saturday, whose nearest weekday in the month is Monday.
    assert_eq!(utc("cron(0 0 1W 6 ? *)")[0], "2030-06-03T00:00:00Z");
    assert_eq!(utc("cron(15 10 ? * 6L 2030)")[..2], ["2030-01-25T10:15:00Z", "2030-02-22T10:15:00Z"]);
    assert_eq!(utc("cron(0 0 ? * 3#2 *)")[..2], ["2030-01-08T00:00:00Z", "2030-02-12T00:00:00Z"]);
    assert_eq!(utc("cron(0 0 29 2 ? *)"), ["2032-02-29T00:00:00Z", "2036-02-29T00:00:00Z", "2040-02-29T00:00:00Z"]);
    assert!(utc("cron(0 0 30 2 ? *)").is_empty());
    assert!(utc("cron(0 0 * * ? 2029)").is_empty());
    assert_eq!(utc("cron(59 23 31 12 ? 2199)"), ["2199-12-31T23:59:00Z"]);
}
