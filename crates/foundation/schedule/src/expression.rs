//! [`Expression`]: parsing one, and what follows next.

use updraft_kernel::UnixMillis;

use crate::Zone;
use crate::at::At;
use crate::cron::Cron;
use crate::rate::Rate;

/// Whose expression it is: the two services don't agree on all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Of EventBridge's rules: no `at`, and a rate's unit agrees in number with its value.
    Rule,
    /// Of EventBridge Scheduler.
    Scheduler,
}

/// It can't be read. As a text it is what AWS answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("Parameter ScheduleExpression is not valid.")]
    Rule,
    #[error("Invalid Schedule Expression {0}.")]
    Scheduler(String),
}

/// When something is due.
#[derive(Clone, Debug)]
pub struct Expression(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Rate(Rate),
    Cron(Box<Cron>),
    At(At),
}

impl Expression {
    /// # Errors
    /// In AWS's words, if it isn't one of this style.
    pub fn parse(raw: &str, style: Style) -> Result<Self, Invalid> {
        let kind = match raw.strip_suffix(')').and_then(|open| open.split_once('(')) {
            Some(("rate", inner)) => Rate::parse(inner, style).map(Kind::Rate),
            Some(("cron", inner)) => Cron::parse(inner).map(Box::new).map(Kind::Cron),
            Some(("at", inner)) if style == Style::Scheduler => At::parse(inner).map(Kind::At),
            _ => None,
        };
        kind.map(Self).ok_or_else(|| match style {
            Style::Rule => Invalid::Rule,
            Style::Scheduler => Invalid::Scheduler(raw.to_owned()),
        })
    }

    /// The first moment later than `after` at which it is due; `None`: never again.
    ///
    /// `anchor`: where a rate counts from, which is its own first moment. Cron and at don't ask for it; a rate doesn't
    /// ask for the zone, for a day of a rate is 24 hours.
    #[must_use]
    pub fn next_after(&self, after: UnixMillis, anchor: UnixMillis, zone: &Zone) -> Option<UnixMillis> {
        match &self.0 {
            Kind::Rate(rate) => rate.next_after(after, anchor),
            Kind::Cron(cron) => cron.next_after(after, zone),
            Kind::At(at) => at.moment(zone).filter(|moment| *moment > after),
        }
    }

    /// Whether it is due once: `at`.
    #[must_use]
    pub fn is_once(&self) -> bool {
        matches!(self.0, Kind::At(_))
    }

    #[must_use]
    pub fn is_rate(&self) -> bool {
        matches!(self.0, Kind::Rate(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(raw: &str, after: i64, anchor: i64) -> Option<i64> {
        let expression = Expression::parse(raw, Style::Scheduler).unwrap();
        expression.next_after(UnixMillis(after), UnixMillis(anchor), &Zone::utc()).map(|at| at.0)
    }

    #[test]
    fn the_styles_say_it_differently() {
        assert_eq!(
            Expression::parse("x", Style::Rule).unwrap_err().to_string(),
            "Parameter ScheduleExpression is not valid."
        );
        let said = Expression::parse(" rate(10 minutes)", Style::Scheduler).unwrap_err().to_string();
        assert_eq!(said, "Invalid Schedule Expression  rate(10 minutes).");
        assert!(Expression::parse("at(2030-01-01T00:00:00)", Style::Rule).is_err());
    }

    #[test]
    fn what_both_refuse() {
        let bad = [
            "",
            "()",
            "rate",
            "rate()",
            "rate(foo minutes)",
            "rate( 10 minutes )",
            "rate(0 minutes)",
            "rate(-1 minutes)",
            "rate(+1 minute)",
            "rate(1.5 hours)",
            "rate(10)",
            "rate(10 seconds)",
            "rate(99999999999 days)",
            "rate(5 minutes) ",
            "RATE(5 minutes)",
            "cron()",
            "cron(INVALID)",
            "cron(71 8 1 * ? *)",
            "cron(0 10 * * ?)",
            "cron(0 10 * * ? * *)",
            "cron(7 20 * * 1-7 *)",
            "cron(0 0 ? * ? *)",
            "cron(0 24 * * ? *)",
            "cron(60 0 * * ? *)",
            "cron(0 0 0 * ? *)",
            "cron(0 0 32 * ? *)",
            "cron(0 0 1 13 ? *)",
            "cron(0 0 ? * 0 *)",
            "cron(0 0 ? * 8 *)",
            "cron(0 0 * * ? 1969)",
            "cron(0 0 * * ? 2200)",
            "cron(0/0 * * * ? *)",
            "cron(*/ * * * ? *)",
            "cron(/5 * * * ? *)",
            "cron(1, * * * ? *)",
            "cron(,1 * * * ? *)",
            "cron(1-2-3 * * * ? *)",
            "cron(? * * * ? *)",
            "cron(0 0 ? * 3#6 *)",
            "cron(0 0 ? * 3#0 *)",
            "cron(0 0 ? * 3#1,6#3 *)",
            "cron(0 0 L,1 * ? *)",
            "cron(0 0 1W,2 * ? *)",
            "cron(0 0 0W * ? *)",
            "cron(0 0 32W * ? *)",
            "cron(0 0 WL * ? *)",
            "cron(0 0 ? * 8L *)",
            "cron(L 0 * * ? *)",
            "cron(0 0 ? FOO 2 *)",
            "cron(0 0 ? * FOO *)",
            "cron(0 0 * MON ? *)",
            "cron(0 0 ? * JAN *)",
        ];
        for raw in bad {
            assert!(Expression::parse(raw, Style::Rule).is_err(), "rule {raw}");
            assert!(Expression::parse(raw, Style::Scheduler).is_err(), "scheduler {raw}");
        }
    }

    #[test]
    fn what_aws_took_when_it_was_recorded() {
        let good = [
            "rate(1 minute)",
            "rate(10 minutes)",
            "cron(*/15 * * * ? *)",
            "cron(30-30 13-13 ? * 2,4,6 *)",
            "cron(* * ? * SAT#3 *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0/5 5 ? JAN 1-5 2022)",
            "cron(5,35 14 * * ? *)",
            "cron(15 10 ? * 6L 2002-2005)",
            "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
            "cron(1-31/30 1-1 ? * 1,7 *)",
            "cron(0/30 20-2 ? * MON-FRI *)",
            "cron(0 0 L * ? *)",
            "cron(0 0 LW * ? *)",
            "cron(0 0 3W * ? *)",
            "cron(0 0 ? * L *)",
            "cron(0 0 ? * fri *)",
        ];
        for raw in good {
            assert!(Expression::parse(raw, Style::Rule).is_ok(), "{raw}");
        }
    }

    #[test]
    fn a_rate_counts_from_its_anchor() {
        assert_eq!(due("rate(5 minutes)", 999, 1_000), Some(1_000));
        assert_eq!(due("rate(5 minutes)", 1_000, 1_000), Some(301_000));
        assert_eq!(due("rate(5 minutes)", 300_999, 1_000), Some(301_000));
        assert_eq!(due("rate(5 minutes)", 301_000, 1_000), Some(601_000));
        assert_eq!(due("rate(1 hour)", -7_200_000, 0), Some(0));
        assert_eq!(due("rate(1 days)", i64::MAX, 0), None);
    }

    #[test]
    fn only_rules_mind_the_number_of_a_unit() {
        for raw in ["rate(1 minutes)", "rate(5 minute)", "rate(1 days)", "rate(2 hour)"] {
            assert!(Expression::parse(raw, Style::Rule).is_err(), "{raw}");
            assert!(Expression::parse(raw, Style::Scheduler).is_ok(), "{raw}");
        }
    }

    #[test]
    fn at_is_due_once() {
        assert_eq!(due("at(1970-01-01T00:00:05)", 4_999, 0), Some(5_000));
        assert_eq!(due("at(1970-01-01T00:00:05)", 5_000, 0), None);
        for raw in [
            "at(2021-12-31)",
            "at(2021-12-31T23:59:59Z)",
            "at(2021-13-01T00:00:00)",
            "at(2021-02-29T00:00:00)",
            "at(2021-1-1T00:00:00)",
            "at(2021-01-01 00:00:00)",
            "at(2021-01-01T24:00:00)",
            "at(2021-01-01T00:00:60)",
            "at(2021-01-01T00:00:00.5)",
            "at()",
            "at(+02021-01-01T00:00:00)",
            "at(20210101T000000)",
        ] {
            assert!(Expression::parse(raw, Style::Scheduler).is_err(), "{raw}");
        }
    }
}
