//! Times: as they are written, shown, added to and taken apart.

use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::tz::Offset;
use jiff::{Span, Timestamp, Unit};

use crate::value::Value;
use crate::wrong::{self, Wrong};

/// A moment, and how far from UTC the clock is that tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    local: DateTime,
    offset: Offset,
}

impl Time {
    /// In milliseconds of Unix time.
    pub(crate) fn of_unix(at: i64) -> Self {
        let at = Timestamp::from_millisecond(at).unwrap_or_default();
        Self { local: Offset::UTC.to_datetime(at), offset: Offset::UTC }
    }

    /// `None`: so far away that it can't be said.
    pub(crate) fn moment(&self) -> Option<Timestamp> {
        self.offset.to_timestamp(self.local).ok()
    }

    /// By another clock.
    fn at(&self, offset: Offset) -> Option<DateTime> {
        Some(offset.to_datetime(self.moment()?))
    }
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    ZoneHour,
    ZoneMinute,
}

impl Part {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "hour" => Self::Hour,
            "minute" => Self::Minute,
            "second" => Self::Second,
            "timezone_hour" => Self::ZoneHour,
            "timezone_minute" => Self::ZoneMinute,
            _ => return None,
        })
    }

    fn unit(self) -> Option<Unit> {
        Some(match self {
            Self::Year => Unit::Year,
            Self::Month => Unit::Month,
            Self::Day => Unit::Day,
            Self::Hour => Unit::Hour,
            Self::Minute => Unit::Minute,
            Self::Second => Unit::Second,
            Self::ZoneHour | Self::ZoneMinute => return None,
        })
    }

    /// So many of it.
    fn span(self, count: i64) -> Option<Span> {
        match self {
            Self::Year => Span::new().try_years(count).ok(),
            Self::Month => Span::new().try_months(count).ok(),
            Self::Day => Span::new().try_days(count).ok(),
            Self::Hour => Span::new().try_hours(count).ok(),
            Self::Minute => Span::new().try_minutes(count).ok(),
            Self::Second => Span::new().try_seconds(count).ok(),
            Self::ZoneHour | Self::ZoneMinute => None,
        }
    }
}

/// `2007T`, `2007-04-05`, `2007-04-05T14:30Z`, `2007-04-05T14:30:00.5-08:00`; what isn't said is the first, or none.
pub(crate) fn parse(text: &str) -> Option<Time> {
    let text = text.trim();
    let (date, rest) = text.split_once('T').unwrap_or((text, ""));
    let mut numbers = date.splitn(3, '-');
    let year = numbers.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = numbers.next().map_or(Some(1), |month| month.parse().ok())?;
    let day = numbers.next().map_or(Some(1), |day| day.parse().ok())?;
    let (time, offset) = zone(rest)?;
    let clock: Clock = if time.is_empty() { Clock::midnight() } else { time.parse().ok()? };
    Some(Time { local: Date::new(year, month, day).ok()?.to_datetime(clock), offset })
}

fn zone(text: &str) -> Option<(&str, Offset)> {
    if let Some(time) = text.strip_suffix('Z') {
        return Some((time, Offset::UTC));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, Offset::UTC)) };
    let (time, offset) = text.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Some((time, Offset::from_seconds(sign * seconds).ok()?))
}

pub(crate) fn shown(time: &Time) -> String {
    let zone = if time.offset == Offset::UTC { "Z".to_owned() } else { offset(time, ":") };
    format!("{}{zone}", time.local.strftime("%Y-%m-%dT%H:%M:%S%.f"))
}

/// `+08:00`.
fn offset(time: &Time, between: &str) -> String {
    let seconds = time.offset.seconds();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
}

pub(crate) fn add(part: Part, count: i64, time: &Time) -> Result<Value, Wrong> {
    let span = part.span(count).ok_or(wrong::ARGUMENT_TYPE)?;
    let local = time.local.checked_add(span).map_err(|_| wrong::OVERFLOW)?;
    Ok(Value::Time(Time { local, ..*time }))
}

/// Whole ones from one time to another.
pub(crate) fn difference(part: Part, from: &Time, to: &Time) -> Result<Value, Wrong> {
    let unit = part.unit().ok_or(wrong::ARGUMENT_TYPE)?;
    let to = to.at(from.offset).ok_or(wrong::OVERFLOW)?;
    let span = from.local.until((unit, to)).map_err(|_| wrong::OVERFLOW)?;
    Ok(Value::Int(match part {
        Part::Year => i64::from(span.get_years()),
        Part::Month => i64::from(span.get_months()),
        Part::Day => i64::from(span.get_days()),
        Part::Hour => i64::from(span.get_hours()),
        Part::Minute => span.get_minutes(),
        _ => span.get_seconds(),
    }))
}

pub(crate) fn extract(part: Part, time: &Time) -> Value {
    let (zone, time) = (time.offset.seconds(), time.local);
    Value::Int(match part {
        Part::Year => time.year().into(),
        Part::Month => time.month().into(),
        Part::Day => time.day().into(),
        Part::Hour => time.hour().into(),
        Part::Minute => time.minute().into(),
        Part::Second => time.second().into(),
        Part::ZoneHour => (zone / 3600).into(),
        Part::ZoneMinute => (zone % 3600 / 60).into(),
    })
}

/// By a pattern of letters: `y`, `M`, `d`, `a`, `h`, `H`, `m`, `s`, `S`, `n`, `X`, `x`; others stand for themselves.
///
/// # Errors
/// If a letter stands for nothing.
pub(crate) fn format(time: &Time, pattern: &str) -> Result<String, Wrong> {
    let mut shown = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        if letter == '\'' {
            let quoted = rest.get(1..).unwrap_or_default();
            let end = quoted.find('\'').ok_or(wrong::PATTERN)?;
            shown.push_str(quoted.get(..end).unwrap_or_default());
            rest = quoted.get(end + 1..).unwrap_or_default();
            continue;
        }
        let after = rest.trim_start_matches(letter);
        let count = (rest.len() - after.len()) / letter.len_utf8();
        match letter.is_ascii_alphabetic() {
            true => shown.push_str(&field(time, letter, count).ok_or(wrong::PATTERN)?),
            false => shown.extend(std::iter::repeat_n(letter, count)),
        }
        rest = after;
    }
    Ok(shown)
}

fn field(time: &Time, letter: char, count: usize) -> Option<String> {
    let padded = |format: &str| time.local.strftime(format).to_string();
    let format = match (letter, count) {
        ('y', 1) => "%-Y",
        ('y', 2) => "%y",
        ('y', 4) => "%Y",
        ('M', 1) => "%-m",
        ('M', 2) => "%m",
        ('M', 3) => "%b",
        ('M', 4) => "%B",
        ('M', 5) => return Some(padded("%B").chars().take(1).collect()),
        ('d', 1) => "%-d",
        ('d', 2) => "%d",
        ('a', 1) => "%p",
        ('h', 1) => "%-I",
        ('h', 2) => "%I",
        ('H', 1) => "%-H",
        ('H', 2) => "%H",
        ('m', 1) => "%-M",
        ('m', 2) => "%M",
        ('s', 1) => "%-S",
        ('s', 2) => "%S",
        ('S', 1..=9) => return Some(format!("{:09}", time.local.subsec_nanosecond()).chars().take(count).collect()),
        ('n', _) => return Some(time.local.subsec_nanosecond().to_string()),
        ('X', _) if time.offset == Offset::UTC => return Some("Z".to_owned()),
        ('X' | 'x', 1) => return Some(offset(time, "").chars().take(3).collect()),
        ('X' | 'x', 2 | 4) => return Some(offset(time, "")),
        ('X' | 'x', 3 | 5) => return Some(offset(time, ":")),
        _ => return None,
    };
    Some(padded(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        parse(text).unwrap()
    }

    #[test]
    fn times_are_read_and_shown() {
        let told = |text: &str| parse(text).map(|time| shown(&time));
        assert_eq!(told("2007T").as_deref(), Some("2007-01-01T00:00:00Z"));
        assert_eq!(told("2007-02-23").as_deref(), Some("2007-02-23T00:00:00Z"));
        assert_eq!(told("2007-02-23T12:14:33.079-08:00").as_deref(), Some("2007-02-23T12:14:33.079-08:00"));
        assert_eq!(told("2007-02-30"), None);
        assert_eq!(told("7"), None);
    }

    #[test]
    fn differences_are_of_whole_ones() {
        let days = difference(Part::Day, &at("2010-01-01T23:00Z"), &at("2010-01-02T01:00Z"));
        assert_eq!(days, Ok(Value::Int(0)));
        assert_eq!(difference(Part::Month, &at("2010T"), &at("2010-05T")), Ok(Value::Int(4)));
        assert_eq!(difference(Part::Month, &at("2011T"), &at("2010T")), Ok(Value::Int(-12)));
        assert_eq!(add(Part::Month, 1, &at("2010-01-31")), Ok(Value::Time(at("2010-02-28"))));
    }

    #[test]
    fn patterns_are_letters() {
        let time = at("1969-07-20T20:18:05Z");
        assert_eq!(format(&time, "MMMM d, y").as_deref(), Ok("July 20, 1969"));
        assert_eq!(format(&time, "y-MM-dd'T'H:m:ssX").as_deref(), Ok("1969-07-20T20:18:05Z"));
        assert_eq!(format(&time, "h:mm a").as_deref(), Ok("8:18 PM"));
        assert_eq!(format(&at("1969-07-20T20:18+08:00"), "H:mX XXX").as_deref(), Ok("20:18+08 +08:00"));
        assert_eq!(format(&time, "Q"), Err(wrong::PATTERN));
    }
}
