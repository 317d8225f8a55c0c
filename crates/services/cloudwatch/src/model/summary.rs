//! [`Summary`]: what is known about the values of one period. Any two of one metric can be merged.

use serde::{Deserialize, Serialize};

use super::points::Points;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// Fewer than `count` where some values were only told in sum.
    points: Points,
}

impl Summary {
    /// One value, so many times.
    pub(crate) fn of(value: f64, count: f64) -> Self {
        // Zero has two signs, which would be two points.
        let value = value + 0.0;
        let mut points = Points::default();
        points.add(value, count);
        Self { count, sum: value * count, min: value, max: value, points }
    }

    /// Values that were told in sum.
    pub(crate) fn told(count: f64, sum: f64, min: f64, max: f64) -> Self {
        // AWS: percentiles are there where the values can be told nevertheless.
        if min == max {
            return Self { sum, ..Self::of(min, count) };
        }
        Self { count, sum, min, max, points: Points::default() }
    }

    pub(crate) fn add(&mut self, value: f64, count: f64) {
        let value = value + 0.0;
        self.count += count;
        self.sum += value * count;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.points.add(value, count);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.points.merge(&other.points);
    }

    /// Bounds what is to be kept.
    pub(crate) fn packed(mut self) -> Self {
        self.points.pack();
        self
    }

    /// Every value, if all are known and AWS gives percentiles of them, which it doesn't of negative ones.
    pub(crate) fn values(&self) -> Option<&Points> {
        let known = self.points.weight() >= self.count * (1.0 - 1e-9);
        (known && self.min >= 0.0).then_some(&self.points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_merge() {
        let mut all = Summary::of(3.0, 2.0);
        all.add(1.0, 1.0);
        all.merge(&Summary::told(4.0, 100.0, 0.5, 50.0));
        assert_eq!((all.count, all.sum, all.min, all.max), (7.0, 107.0, 0.5, 50.0));
        assert_eq!(all.values(), None, "four of the values aren't known");
    }

    #[test]
    fn values_are_known_where_a_sum_leaves_no_doubt() {
        assert!(Summary::told(4.0, 8.0, 2.0, 2.0).values().is_some());
        assert!(Summary::told(1.0, 2.0, 2.0, 2.0).values().is_some());
        assert!(Summary::of(-1.0, 1.0).values().is_none(), "AWS gives no percentiles of negative values");
        assert!(Summary::of(-0.0, 1.0).values().is_some());
    }
}
