//! Every minute is looked at, by rules written down once more and as simply as can be.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use updraft_kernel::UnixMillis;
use updraft_schedule::{Expression, Style, Zone};

/// How far is walked.
const MINUTES: i64 = 3 * 24 * 60;

/// Whether one of a field's parts means `value`.
fn plain(field: &str, value: i32, least: i32, most: i32, names: &[&str]) -> bool {
    let read = |text: &str| match names.iter().position(|name| *name == text) {
        Some(at) => i32::try_from(at).unwrap() + least,
        None => text.parse().unwrap(),
    };
    field.split(',').any(|part| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(read(step))));
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (read(first), read(last)),
            None if range == "*" => (least, most),
            None => (read(range), if step.is_some() { most } else { read(range) }),
        };
        let span = most - least + 1;
        let (from_first, reach) = ((value - first).rem_euclid(span), (last - first).rem_euclid(span));
        from_first <= reach && from_first % step.unwrap_or(1) == 0
    })
}

const WEEK: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const YEAR: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// 1 is Sunday.
fn weekday(date: Date) -> i32 {
    i32::from(date.weekday().to_sunday_zero_offset()) + 1
}

fn is_working(date: Date) -> bool {
    (2..=6).contains(&weekday(date))
}

/// All days of the month.
fn month(date: Date) -> Vec<Date> {
    date.first_of_month().series(1.day()).take_while(|day| day.month() == date.month()).collect()
}

/// By the rule as it is told: the working day of the month that is nearest.
fn nearest(date: Date, day: i8) -> Option<Date> {
    let wanted = month(date).into_iter().find(|one| one.day() == day)?;
    month(date).into_iter().filter(|one| is_working(*one)).min_by_key(|one| {
        // Of two as near, a Saturday's is the one before and a Sunday's the one behind; neither ever has two.
        (i32::from(one.day()) - i32::from(wanted.day())).abs()
    })
}

fn on_day(field: &str, date: Date) -> bool {
    match field {
        "?" => true,
        "L" => month(date).last() == Some(&date),
        "LW" => month(date).into_iter().rfind(|day| is_working(*day)) == Some(date),
        _ => match field.strip_suffix('W') {
            Some(day) => nearest(date, day.parse().unwrap()) == Some(date),
            None => plain(field, date.day().into(), 1, 31, &[]),
        },
    }
}

fn on_weekday(field: &str, date: Date) -> bool {
    let same = || month(date).into_iter().filter(|day| weekday(*day) == weekday(date));
    let is = |name: &str| plain(name, weekday(date), 1, 7, &WEEK);
    match field {
        "?" => true,
        "L" => weekday(date) == 7,
        _ => match (field.split_once('#'), field.strip_suffix('L')) {
            (Some((name, nth)), _) => is(name) && same().nth(nth.parse::<usize>().unwrap() - 1) == Some(date),
            (_, Some(name)) => is(name) && same().next_back() == Some(date),
            _ => is(field),
        },
    }
}

fn is_meant(fields: &[String], at: DateTime) -> bool {
    let date = at.date();
    at.second() == 0
        && plain(&fields[0], at.minute().into(), 0, 59, &[])
        && plain(&fields[1], at.hour().into(), 0, 23, &[])
        && on_day(&fields[2], date)
        && plain(&fields[3], date.month().into(), 1, 12, &YEAR)
        && on_weekday(&fields[4], date)
        && plain(&fields[5], date.year().into(), 1970, 2199, &[])
}

/// The moments within reach at which the clocks show for the first time what is meant.
fn walked(fields: &[String], zone: &TimeZone, after: Timestamp) -> Vec<i64> {
    let first = after.as_second().div_euclid(60) + 1;
    let shown = |minute: i64| zone.to_datetime(Timestamp::from_second(minute * 60).unwrap());
    // Clocks go back by half an hour at Lord Howe, and by whole hours elsewhere.
    let is_first = |minute: i64| [30, 60, 120, 180].iter().all(|back| shown(minute - back) != shown(minute));
    (first..first + MINUTES)
        .filter(|minute| is_meant(fields, shown(*minute)) && is_first(*minute))
        .map(|minute| minute * 60_000)
        .collect()
}

fn number(least: u32, most: u32) -> BoxedStrategy<String> {
    let one = move || (least..=most).prop_map(|n| n.to_string());
    prop_oneof![
        2 => Just("*".to_owned()),
        3 => one(),
        1 => (one(), one()).prop_map(|(first, last)| format!("{first}-{last}")),
        1 => (one(), 1..=most.min(30)).prop_map(|(first, step)| format!("{first}/{step}")),
        1 => (1..=most.min(30)).prop_map(|step| format!("*/{step}")),
        1 => (one(), one(), 1..=most.min(9)).prop_map(|(first, last, step)| format!("{first}-{last}/{step}")),
        1 => (one(), one(), one()).prop_map(|(a, b, c)| format!("{a},{b}-{b},{c}")),
    ]
    .boxed()
}

fn days() -> BoxedStrategy<(String, String)> {
    let day = prop_oneof![
        4 => number(1, 31),
        1 => Just("L".to_owned()),
        1 => Just("LW".to_owned()),
        2 => (1..=31).prop_map(|day| format!("{day}W")),
    ];
    let named = || proptest::sample::select(WEEK.to_vec());
    let weekday = prop_oneof![
        4 => number(1, 7),
        1 => Just("L".to_owned()),
        1 => named().prop_map(str::to_owned),
        1 => (named(), named()).prop_map(|(first, last)| format!("{first}-{last}")),
        2 => (1..=7, 1..=5).prop_map(|(day, nth)| format!("{day}#{nth}")),
        2 => (1..=7).prop_map(|day| format!("{day}L")),
    ];
    prop_oneof![day.prop_map(|day| (day, "?".to_owned())), weekday.prop_map(|day| ("?".to_owned(), day))].boxed()
}

fn fields() -> impl Strategy<Value = Vec<String>> {
    let month = prop_oneof![
        5 => Just("*".to_owned()),
        1 => number(1, 12),
        1 => proptest::sample::select(YEAR.to_vec()).prop_map(str::to_owned),
    ];
    let year =
        prop_oneof![4 => Just("*".to_owned()), 1 => Just("2029-2031".to_owned()), 1 => Just("2030/2".to_owned())];
    (number(0, 59), number(0, 23), days(), month, year)
        .prop_map(|(minute, hour, (day, weekday), month, year)| vec![minute, hour, day, month, weekday, year])
}

/// Days at whose turn clocks change somewhere, months end or years do; and any.
fn moment() -> impl Strategy<Value = Timestamp> {
    let special = [
        "2030-03-09T20:00:00Z",
        "2030-03-30T20:00:00Z",
        "2030-10-26T12:00:00Z",
        "2030-11-02T20:00:00Z",
        "2030-04-06T03:00:00Z",
        "2030-10-05T03:00:00Z",
        "2030-02-26T00:00:00Z",
        "2029-12-30T07:00:00Z",
        "2032-02-27T00:00:00Z",
    ];
    let special = proptest::sample::select(special.to_vec()).prop_map(|at| at.parse::<Timestamp>().unwrap());
    let any = (1_880_000_000i64..2_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap());
    (prop_oneof![2 => special, 1 => any], 0i64..172_800).prop_map(|(at, more)| at + more.seconds())
}

fn zone() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "UTC",
        "Europe/Zurich",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Pacific/Apia",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_cron_is_due_when_the_walker_says(fields in fields(), at in moment(), name in zone()) {
        let raw = format!("cron({})", fields.join(" "));
        let expression = Expression::parse(&raw, Style::Scheduler).unwrap();
        let (zone, walks) = (Zone::parse(name).unwrap(), jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap());
        let expected = walked(&fields, &walks, at);
        let mut after = UnixMillis(at.as_millisecond());
        let end = UnixMillis((at.as_second().div_euclid(60) + MINUTES) * 60_000);
        let mut found = Vec::new();
        while let Some(due) = expression.next_after(after, after, &zone).filter(|due| *due <= end) {
            found.push(due.0);
            after = due;
        }
        prop_assert_eq!(found, expected, "{} in {}", raw, name);
    }

    #[test]
    fn any_text_is_read_or_refused(raw in r"(rate|cron|at)?\(?[0-9A-Z*?/,#LW \-:T]{0,40}\)?", after in any::<i64>()) {
        for style in [Style::Rule, Style::Scheduler] {
            if let Ok(expression) = Expression::parse(&raw, style) {
                let due = expression.next_after(UnixMillis(after), UnixMillis(0), &Zone::utc());
                prop_assert!(due.is_none_or(|due| due.0 > after));
            }
        }
    }
}
