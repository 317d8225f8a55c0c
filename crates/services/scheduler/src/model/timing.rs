//! When a schedule occurs.

use updraft_kernel::UnixMillis;
use updraft_schedule::{Expression, Style, Zone};

use super::schedule::{Schedule, Settings};

/// AWS: everything is done within the minute it is due in, so what is due in the minute past is still done.
const PRECISION: i64 = 60_000;

#[derive(Clone, Debug)]
pub(crate) struct Timing {
    expression: Expression,
    zone: Zone,
    anchor: UnixMillis,
    start: Option<UnixMillis>,
    end: Option<UnixMillis>,
}

impl Timing {
    /// `None`: it can't be read, which nothing that was checked can't.
    pub(crate) fn of(schedule: &Schedule) -> Option<Self> {
        let Settings { expression, zone, start, end, .. } = &schedule.settings;
        let (expression, zone) = (Expression::parse(expression, Style::Scheduler).ok()?, Zone::parse(zone)?);
        // AWS: what is due once knows no limits.
        let (start, end) = if expression.is_once() { (None, None) } else { (*start, *end) };
        Some(Self { expression, zone, anchor: schedule.anchor, start, end })
    }

    /// What comes first for whoever looks at `now`.
    pub(crate) fn first(&self, now: UnixMillis) -> Option<UnixMillis> {
        let from = match &self.expression {
            once if once.is_once() => now.0 - PRECISION,
            // Its first moment is the one it is made at.
            rate if rate.is_rate() && self.anchor.0 + 1_000 > now.0 => self.anchor.0 - 1,
            _ => now.0 - 1,
        };
        let started = self.start.map_or(i64::MIN, |start| start.0 - 1);
        self.next(UnixMillis(from.max(started)))
    }

    /// What comes after an occurrence.
    pub(crate) fn next(&self, after: UnixMillis) -> Option<UnixMillis> {
        let next = self.expression.next_after(after, self.anchor, &self.zone)?;
        self.end.is_none_or(|end| next <= end).then_some(next)
    }
}

/// Where a rate counts from: where the schedule starts, or where it was made. One that says the same when it is updated
/// goes on as it did.
pub(crate) fn anchor(settings: &Settings, before: Option<&Schedule>, now: UnixMillis) -> UnixMillis {
    let same =
        before.filter(|old| old.settings.expression == settings.expression && old.settings.start == settings.start);
    let made = UnixMillis(now.0 - now.0.rem_euclid(1_000));
    settings.start.unwrap_or_else(|| same.map_or(made, |old| old.anchor))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_900_000_000_500);

    fn first(expression: &str, start: Option<i64>, end: Option<i64>) -> Option<i64> {
        let settings = Settings {
            expression: expression.into(),
            zone: "UTC".into(),
            start: start.map(|seconds| NOW.plus_seconds(seconds)),
            end: end.map(|seconds| NOW.plus_seconds(seconds)),
            description: None,
            enabled: true,
            kms_key: None,
            target: String::new(),
            window: None,
            ends: false,
        };
        let anchor = anchor(&settings, None, NOW);
        let schedule = Schedule { number: 1, created: NOW, modified: NOW, anchor, token: None, settings };
        Timing::of(&schedule).unwrap().first(NOW).map(|at| at.0 - NOW.0)
    }

    trait Plus {
        fn plus_seconds(self, seconds: i64) -> UnixMillis;
    }

    impl Plus for UnixMillis {
        fn plus_seconds(self, seconds: i64) -> UnixMillis {
            UnixMillis(self.0 + seconds * 1_000)
        }
    }

    #[test]
    fn a_rate_begins_at_once_or_at_its_start() {
        assert_eq!(first("rate(5 minutes)", None, None), Some(-500));
        assert_eq!(first("rate(5 minutes)", Some(60), None), Some(60_000));
        assert_eq!(first("rate(5 minutes)", Some(-240), None), Some(60_000));
        assert_eq!(first("rate(5 minutes)", Some(60), Some(59)), None);
    }

    #[test]
    fn what_is_due_once_may_be_a_minute_late_and_knows_no_limits() {
        // NOW is 2030-03-17T17:46:40.5Z.
        assert_eq!(first("at(2030-03-17T17:46:00)", Some(3_600), Some(-60)), Some(-40_500));
        assert_eq!(first("at(2030-03-17T17:45:40)", None, None), None);
    }

    #[test]
    fn a_cron_keeps_within_its_limits() {
        assert_eq!(first("cron(47 17 * * ? *)", None, None), Some(19_500));
        assert_eq!(first("cron(47 17 * * ? *)", Some(20), None), Some(19_500 + 86_400_000));
        assert_eq!(first("cron(47 17 * * ? *)", None, Some(19)), None);
    }
}
