//! `rate(value unit)`.

use updraft_kernel::UnixMillis;

use crate::Style;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    millis: i64,
}

impl Rate {
    pub(crate) fn parse(inner: &str, style: Style) -> Option<Self> {
        let (value, unit) = inner.split_once(' ')?;
        if !value.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let value: u32 = value.parse().ok().filter(|value| *value > 0)?;
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        // AWS: "rate(1 hours) and rate(5 hour) aren't valid", say the rules' pages; Scheduler's say nothing of the kind.
        if style == Style::Rule && (value == 1) != (singular == unit) {
            return None;
        }
        let minutes: i64 = match singular {
            "minute" => 1,
            "hour" => 60,
            "day" => 24 * 60,
            _ => return None,
        };
        Some(Self { millis: i64::from(value) * minutes * 60_000 })
    }

    pub(crate) fn next_after(self, after: UnixMillis, anchor: UnixMillis) -> Option<UnixMillis> {
        let passed = after.0.checked_sub(anchor.0)?;
        if passed < 0 {
            return Some(anchor);
        }
        let periods = passed / self.millis + 1;
        periods.checked_mul(self.millis)?.checked_add(anchor.0).map(UnixMillis)
    }
}
