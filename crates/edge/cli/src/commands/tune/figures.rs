//! What calls took and cost, and what follows from it. Pure.

use std::time::Duration;

use super::Row;
use crate::report::Report;

/// AWS's prices in us-east-1, in dollars: <https://aws.amazon.com/lambda/pricing/>, first tier. Most regions have the same.
const X86_GB_SECOND: f64 = 0.000_016_666_7;
const ARM_GB_SECOND: f64 = 0.000_013_333_4;
const REQUEST: f64 = 0.000_000_2;
/// What is this close to the fastest is as fast: below that, more memory buys noise.
const AS_FAST: f64 = 1.05;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Architecture {
    X86,
    Arm64,
}

impl Architecture {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::X86 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// Dollars.
    pub(super) const fn gb_second(self) -> f64 {
        match self {
            Self::X86 => X86_GB_SECOND,
            Self::Arm64 => ARM_GB_SECOND,
        }
    }

    /// Dollars of a million calls.
    fn million(self, memory_mb: u32, billed: Duration) -> f64 {
        let gb_seconds = f64::from(memory_mb) / 1024.0 * billed.as_secs_f64();
        1_000_000.0 * (gb_seconds * self.gb_second() + REQUEST)
    }
}

/// Dollars.
pub(super) const fn request() -> f64 {
    REQUEST
}

/// Of one size.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) p50: Duration,
    pub(super) p95: Duration,
    /// The mean: what is paid is a sum.
    pub(super) billed: Duration,
    pub(super) peak_mb: u32,
    /// Of the first call, which isn't counted otherwise.
    pub(super) init: Option<Duration>,
    /// Dollars of a million calls.
    pub(super) million: f64,
}

impl Figures {
    /// `None`: no calls.
    pub(super) fn of(reports: &[Report], init: Option<Duration>, architecture: Architecture) -> Option<Self> {
        let first = reports.first()?;
        let mut durations: Vec<_> = reports.iter().map(|report| report.duration).collect();
        durations.sort_unstable();
        let billed =
            reports.iter().map(|report| report.billed).sum::<Duration>() / u32::try_from(reports.len()).ok()?;
        Some(Self {
            p50: rank(&durations, 50)?,
            p95: rank(&durations, 95)?,
            billed,
            peak_mb: reports.iter().map(|report| report.peak_mb).max()?,
            init,
            million: architecture.million(first.memory_mb, billed),
        })
    }
}

/// The smallest value that `percent` of them don't exceed.
fn rank(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied()
}

/// Sizes in MB. Of equals the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recommendation {
    pub(super) cheapest: u32,
    /// The smallest that is no more than a twentieth slower than the fastest, by the median.
    pub(super) fastest: u32,
    /// Where cost times median is least.
    pub(super) balanced: u32,
}

impl Recommendation {
    /// `None`: the function failed at every size. `rows` are in order of size.
    pub(super) fn of(rows: &[Row]) -> Option<Self> {
        let measured = || rows.iter().filter_map(|row| Some((row.memory_mb, row.figures.as_ref().ok()?)));
        let least = |of: fn(&Figures) -> f64| {
            measured().min_by(|(_, a), (_, b)| of(a).total_cmp(&of(b))).map(|(size, figures)| (size, of(figures)))
        };
        let (cheapest, _) = least(|figures| figures.million)?;
        let (balanced, _) = least(|figures| figures.million * figures.p50.as_secs_f64())?;
        let (_, best) = least(|figures| figures.p50.as_secs_f64())?;
        let (fastest, _) = measured().find(|(_, figures)| figures.p50.as_secs_f64() <= best * AS_FAST)?;
        Some(Self { cheapest, fastest, balanced })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(memory_mb: u32, micros: u64) -> Report {
        let duration = Duration::from_micros(micros);
        let billed = Duration::from_millis(micros.div_ceil(1000));
        Report { duration, billed, memory_mb, peak_mb: 40, init: None }
    }

    fn row(memory_mb: u32, micros: u64) -> Row {
        let figures = Figures::of(&[report(memory_mb, micros)], None, Architecture::X86);
        Row { memory_mb, figures: figures.ok_or_else(String::new) }
    }

    #[test]
    fn percentiles_are_calls_that_were() {
        let reports: Vec<_> = (1..=10).rev().map(|millis| report(128, millis * 1000)).collect();
        let figures = Figures::of(&reports, None, Architecture::X86).unwrap();
        assert_eq!((figures.p50, figures.p95), (Duration::from_millis(5), Duration::from_millis(10)));
        assert_eq!(figures.billed, Duration::from_micros(5_500));
        assert_eq!(Figures::of(&[], None, Architecture::X86), None);
    }

    #[test]
    fn costs_are_those_of_the_price_list() {
        // A second of a GB a million times, and the requests.
        let x86 = Figures::of(&[report(1024, 1_000_000)], None, Architecture::X86).unwrap();
        assert!((x86.million - 16.866_7).abs() < 1e-9, "{}", x86.million);
        let arm = Figures::of(&[report(1024, 1_000_000)], None, Architecture::Arm64).unwrap();
        assert!((arm.million - 13.533_4).abs() < 1e-9, "{}", arm.million);
        let short = Figures::of(&[report(128, 200)], None, Architecture::X86).unwrap();
        assert!((short.million - 0.202_083_337_5).abs() < 1e-9, "a part of a millisecond is one: {}", short.million);
    }

    #[test]
    fn what_is_recommended_follows_from_cost_and_time() {
        // Twice the memory, half the time, up to a size where it doesn't help any more.
        let rows = [row(128, 800_000), row(256, 390_000), row(512, 190_000), row(1024, 100_000), row(2048, 97_000)];
        let expected = Recommendation { cheapest: 512, fastest: 1024, balanced: 1024 };
        assert_eq!(Recommendation::of(&rows), Some(expected));
    }

    #[test]
    fn sizes_at_which_it_fails_are_not_recommended() {
        let failed = Row { memory_mb: 128, figures: Err("no memory".to_owned()) };
        let expected = Recommendation { cheapest: 256, fastest: 256, balanced: 256 };
        assert_eq!(Recommendation::of(&[failed.clone(), row(256, 1_000)]), Some(expected));
        assert_eq!(Recommendation::of(&[failed]), None);
    }
}
