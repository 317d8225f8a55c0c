//! [`Points`]: the values of one period, for percentiles and what is cut at them.

use serde::{Deserialize, Serialize};
use tdigests::{Centroid, TDigest};

/// At most so many points are kept. Up to there every value is known exactly; beyond, neighbours are merged, so that a
/// percentile may be that of a share up to one percent beside it.
pub(crate) const MOST: usize = 128;

/// How many may wait in memory before they are merged.
const WAITING: usize = 2 * MOST;

/// Values in ascending order, each with how often it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Points(Vec<(f64, f64)>);

impl Points {
    pub(crate) fn add(&mut self, value: f64, weight: f64) {
        match self.0.binary_search_by(|(known, _)| known.total_cmp(&value)) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    *known += weight;
                }
            }
            Err(at) => self.0.insert(at, (value, weight)),
        }
        if self.0.len() > WAITING {
            self.pack();
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (value, weight) in &other.0 {
            self.add(*value, *weight);
        }
    }

    /// Bounds what is to be kept.
    pub(crate) fn pack(&mut self) {
        if self.0.len() <= MOST {
            return;
        }
        let centroids = self.0.iter().map(|(mean, weight)| Centroid::new(*mean, *weight)).collect();
        let mut digest = TDigest::from_centroids(centroids);
        digest.compress(MOST);
        self.0.clear();
        for Centroid { mean, weight } in digest.centroids() {
            self.add(*mean, *weight);
        }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.0.iter().copied()
    }

    pub(crate) fn weight(&self) -> f64 {
        self.0.iter().map(|(_, weight)| weight).sum()
    }

    /// The least value that this share (0 to 1) of all values doesn't exceed.
    pub(crate) fn at(&self, share: f64) -> Option<f64> {
        let wanted = self.weight() * share;
        let mut seen = 0.0;
        let reached = self.iter().find(|(_, weight)| {
            seen += weight;
            // Sums of many weights are off by a little.
            seen >= wanted * (1.0 - 1e-12)
        });
        reached.or_else(|| self.0.last().copied()).map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: impl IntoIterator<Item = f64>) -> Points {
        let mut points = Points::default();
        values.into_iter().for_each(|value| points.add(value, 1.0));
        points
    }

    #[test]
    fn few_values_are_known_exactly() {
        let points = points((1..=100).rev().map(f64::from));
        for (share, value) in [(0.0, 1.0), (0.01, 1.0), (0.5, 50.0), (0.9, 90.0), (0.995, 100.0), (1.0, 100.0)] {
            assert_eq!(points.at(share), Some(value), "{share}");
        }
        assert_eq!(Points::default().at(0.5), None);
    }

    #[test]
    fn equal_values_are_one_point() {
        let points = points(std::iter::repeat_n(7.0, 100_000));
        assert_eq!(points.iter().collect::<Vec<_>>(), [(7.0, 100_000.0)]);
    }

    /// However many values there are and in whatever order they come, what is kept is bounded, and close.
    #[test]
    fn many_values_are_bounded_and_close() {
        let count = 100_000_u32;
        // A permutation of 0..count.
        let mut all = points((0..count).map(|n| f64::from(n * 7_919 % count)));
        all.pack();
        assert!(all.0.len() <= MOST, "{}", all.0.len());
        assert!((all.weight() - f64::from(count)).abs() < 1e-3);
        for share in [0.01, 0.1, 0.5, 0.9, 0.99, 0.999] {
            let error = (all.at(share).unwrap() / f64::from(count) - share).abs();
            assert!(error < 0.01, "{share} is off by {error}");
        }
        assert_eq!((all.at(0.0), all.at(1.0)), (Some(0.0), Some(f64::from(count - 1))), "the ends are exact");
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let mut one = points((0..60).map(f64::from));
        one.merge(&points((40..100).map(f64::from)));
        assert_eq!(one.weight(), 120.0);
        assert_eq!(one.at(0.5), Some(49.0));
    }
}
