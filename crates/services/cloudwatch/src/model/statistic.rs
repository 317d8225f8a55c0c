//! [`Statistic`]: what is asked of a period's values, such as `Average`, `p99.9` or `tm(10%:90%)`.

use super::points::Points;
use super::summary::Summary;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// A share of all values, 0 to 1.
    Percentile(f64),
    Cut(Cut, Range),
    /// The share of values in a range, in percent.
    Rank(Range),
}

/// What is told of the values in a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cut {
    Mean,
    /// The mean, with those outside moved to the range's ends.
    Winsorized,
    Count,
    Sum,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Range {
    /// Of all values in their order, shares of 0 to 1.
    Shares(f64, f64),
    /// Above the first and up to the second.
    Values(f64, f64),
}

impl Statistic {
    /// `None`: AWS knows no such statistic.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::simple(text).or_else(|| Self::extended(text))
    }

    pub(crate) fn simple(text: &str) -> Option<Self> {
        Some(match text {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => return None,
        })
    }

    /// Those that need the values themselves.
    pub(crate) fn extended(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        if text == "iqm" {
            return Some(Self::Cut(Cut::Mean, Range::Shares(0.25, 0.75)));
        }
        if let Some(range) = text.strip_prefix("pr(").and_then(|rest| rest.strip_suffix(')')) {
            return match ends(range)? {
                range @ Range::Values(..) => Some(Self::Rank(range)),
                Range::Shares(..) => None,
            };
        }
        if let Some(share) = text.strip_prefix('p') {
            return share_of(share).map(Self::Percentile);
        }
        let (cut, rest) = text.split_at_checked(2)?;
        let cut = match cut {
            "tm" => Cut::Mean,
            "wm" => Cut::Winsorized,
            "tc" => Cut::Count,
            "ts" => Cut::Sum,
            _ => return None,
        };
        let range = match rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(range) => ends(range)?,
            None => Range::Shares(0.0, share_of(rest)?),
        };
        Some(Self::Cut(cut, range))
    }

    /// `None`: nothing can be said, since the values aren't known.
    pub(crate) fn of(self, summary: &Summary) -> Option<f64> {
        match self {
            Self::SampleCount => Some(summary.count),
            Self::Average => Some(summary.sum / summary.count),
            Self::Sum => Some(summary.sum),
            Self::Minimum => Some(summary.min),
            Self::Maximum => Some(summary.max),
            Self::Percentile(share) => summary.values()?.at(share),
            Self::Cut(cut, range) => cut.of(summary.values()?, range),
            Self::Rank(range) => {
                let values = summary.values()?;
                Some(100.0 * within(values, range).map(|(_, weight)| weight).sum::<f64>() / values.weight())
            }
        }
    }
}

impl Cut {
    fn of(self, values: &Points, range: Range) -> Option<f64> {
        let inside: Vec<_> = within(values, range).collect();
        let count: f64 = inside.iter().map(|(_, weight)| weight).sum();
        let sum: f64 = inside.iter().map(|(value, weight)| value * weight).sum();
        match self {
            Self::Count => Some(count),
            Self::Sum => Some(sum),
            _ if count <= 0.0 => None,
            Self::Mean => Some(sum / count),
            Self::Winsorized => {
                let (low, high) = (inside.first()?.0, inside.last()?.0);
                let all = values.iter().map(|(value, weight)| value.clamp(low, high) * weight).sum::<f64>();
                Some(all / values.weight())
            }
        }
    }
}

/// What of the values lies in the range: the part of a point that does, where the range cuts one.
fn within(values: &Points, range: Range) -> impl Iterator<Item = (f64, f64)> + '_ {
    let total = values.weight();
    let mut before = 0.0;
    values.iter().filter_map(move |(value, weight)| {
        let from = before;
        before += weight;
        let inside = match range {
            Range::Shares(low, high) => before.min(high * total) - from.max(low * total),
            Range::Values(low, high) if value > low && value <= high => weight,
            Range::Values(..) => 0.0,
        };
        (inside > 0.0).then_some((value, inside))
    })
}

/// `10%:90%`, `:90%`, `100:`, each end of the same kind.
fn ends(text: &str) -> Option<Range> {
    let (low, high) = text.split_once(':')?;
    let (low, high) = (low.trim(), high.trim());
    if low.is_empty() && high.is_empty() {
        return None;
    }
    let shares = |end: &str| end.is_empty() || end.ends_with('%');
    if shares(low) && shares(high) {
        let share = |end: &str, open| if end.is_empty() { Some(open) } else { share_of(end.strip_suffix('%')?) };
        let (low, high) = (share(low, 0.0)?, share(high, 1.0)?);
        return (low < high).then_some(Range::Shares(low, high));
    }
    let value = |end: &str, open| if end.is_empty() { Some(open) } else { number(end) };
    let (low, high) = (value(low, f64::NEG_INFINITY)?, value(high, f64::INFINITY)?);
    (low < high).then_some(Range::Values(low, high))
}

/// Percents as a share of 0 to 1.
fn share_of(text: &str) -> Option<f64> {
    number(text).filter(|percent| (0.0..=100.0).contains(percent)).map(|percent| percent / 100.0)
}

/// Digits with at most ten behind the point: no signs, no exponents.
fn number(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 10 {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_to(last: u32) -> Summary {
        let mut all = Summary::of(1.0, 1.0);
        (2..=last).for_each(|value| all.add(value.into(), 1.0));
        all
    }

    fn told(statistic: &str) -> Option<f64> {
        Statistic::parse(statistic).unwrap_or_else(|| panic!("{statistic}")).of(&one_to(100))
    }

    #[test]
    fn what_is_told_of_one_to_a_hundred() {
        for (statistic, value) in [
            ("SampleCount", 100.0),
            ("Average", 50.5),
            ("Sum", 5050.0),
            ("Minimum", 1.0),
            ("Maximum", 100.0),
            ("p0", 1.0),
            ("p50", 50.0),
            ("p90", 90.0),
            ("P99.9", 100.0),
            ("p100", 100.0),
            ("tm90", 45.5),
            ("TM(10%:90%)", 50.5),
            ("TM(:90%)", 45.5),
            ("tm(90:)", 95.5),
            ("tc(10:20)", 10.0),
            ("ts(98:)", 199.0),
            ("iqm", 50.5),
            ("wm(10%:90%)", 50.5),
            ("WM80", 48.4),
            ("PR(:25)", 25.0),
            ("pr(25:75)", 50.0),
        ] {
            let found = told(statistic).unwrap();
            assert!((found - value).abs() < 1e-9, "{statistic}: {found}");
        }
    }

    #[test]
    fn what_aws_doesnt_know() {
        for wrong in [
            "",
            "p",
            "average",
            "p101",
            "p-1",
            "p1e1",
            "pNaN",
            "tm",
            "tm(",
            "tm(:)",
            "tm(90%:10%)",
            "tm(5:90%)",
            "pr(1%:2%)",
            "xx90",
            "p50.12345678901",
            "iqm50",
            "ü",
        ] {
            assert_eq!(Statistic::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_that_are_unknown_have_no_percentiles() {
        let told = Summary::told(3.0, 6.0, 1.0, 3.0);
        assert_eq!(Statistic::Percentile(0.5).of(&told), None);
        assert_eq!(Statistic::Average.of(&told), Some(2.0));
        assert_eq!(Statistic::parse("tm(500:)").unwrap().of(&one_to(100)), None, "nothing is in the range");
    }
}
