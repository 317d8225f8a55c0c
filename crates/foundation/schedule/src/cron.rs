//! `cron(minutes hours day-of-month month day-of-week year)`.

use croner::parser::{CronParser, Seconds, Year};
use croner::{CronPattern, Weekday};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use updraft_kernel::UnixMillis;

use crate::Zone;
use crate::field::{self, HOUR, MINUTE, MONTH, YEAR};

#[derive(Clone, Debug)]
pub(crate) struct Cron(CronPattern);

impl Cron {
    pub(crate) fn parse(inner: &str) -> Option<Self> {
        let fields: Vec<&str> = inner.split(' ').collect();
        let [minutes, hours, day, month, weekday, year] = fields.as_slice() else { return None };
        // AWS: one of the two days, and only one, is said.
        if (*day == "?") == (*weekday == "?") {
            return None;
        }
        let pattern = [
            "0".to_owned(),
            MINUTE.plain(minutes)?,
            HOUR.plain(hours)?,
            field::day(day)?,
            MONTH.plain(month)?,
            field::weekday(weekday)?,
            YEAR.plain(year)?,
        ];
        let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Required).alternative_weekdays(true);
        parser.build().parse(&pattern.join(" ")).ok().map(|cron| Self(cron.pattern))
    }

    /// AWS, on Scheduler's page of schedule types: a time that the clocks skip in spring is skipped, and one that they show
    /// twice in autumn is due once (here: the first time).
    pub(crate) fn next_after(&self, after: UnixMillis, zone: &Zone) -> Option<UnixMillis> {
        let shown = zone.shown(after)?;
        let mut from = minute_of(shown)?.checked_add(1.minute()).ok()?;
        loop {
            let found = self.first_from(from)?;
            match zone.first_shown(found) {
                Some(at) if at > after => return Some(at),
                // Skipped, or shown before: the clocks went back meanwhile.
                _ => from = found.checked_add(1.minute()).ok()?,
            }
        }
    }

    /// What a clock shows first, of what is meant, from there on.
    fn first_from(&self, from: DateTime) -> Option<DateTime> {
        if let Some(time) = self.time_from(from.date(), from.time()) {
            return Some(time);
        }
        let mut date = from.date().tomorrow().ok()?;
        loop {
            date = self.date_from(date)?;
            if let Some(time) = self.time_from(date, Time::midnight()) {
                return Some(time);
            }
            date = date.tomorrow().ok()?;
        }
    }

    /// The first of its days from `date` on.
    fn date_from(&self, mut date: Date) -> Option<Date> {
        while date.year() <= LAST_YEAR {
            date = if !self.0.year_match(date.year().into()).unwrap_or(false) {
                Date::new(date.year() + 1, 1, 1).ok()?
            } else if !self.0.month_match(unsigned(date.month())).unwrap_or(false) {
                date.last_of_month().tomorrow().ok()?
            } else if self.is_on(date) {
                return Some(date);
            } else {
                date.tomorrow().ok()?
            };
        }
        None
    }

    /// The first of its times on that day from `time` on.
    fn time_from(&self, date: Date, time: Time) -> Option<DateTime> {
        if !self.is_on(date) {
            return None;
        }
        let (hour, minute) = (time.hour(), time.minute());
        let hours = (hour..24).filter(|hour| self.0.hour_match(unsigned(*hour)).unwrap_or(false));
        let minutes = (0..60).filter(|minute| self.0.minute_match(unsigned(*minute)).unwrap_or(false));
        let mut times = hours.flat_map(|hour| minutes.clone().map(move |minute| (hour, minute)));
        let (hour, minute) = times.find(|found| *found >= (hour, minute))?;
        Some(date.at(hour, minute, 0, 0))
    }

    fn is_on(&self, date: Date) -> bool {
        let (year, month, day) = (i32::from(date.year()), unsigned(date.month()), unsigned(date.day()));
        let weekday = Weekday::from_days_from_sunday(unsigned(date.weekday().to_sunday_zero_offset()));
        self.0.year_match(year).unwrap_or(false)
            && self.0.month_match(month).unwrap_or(false)
            && self.0.day_match(year, month, day, weekday).unwrap_or(false)
    }
}

const LAST_YEAR: i16 = 2199;

fn minute_of(shown: DateTime) -> Option<DateTime> {
    shown.with().second(0).subsec_nanosecond(0).build().ok()
}

/// Of parts of dates, which are never negative.
fn unsigned(part: i8) -> u32 {
    u32::try_from(part).unwrap_or(0)
}
