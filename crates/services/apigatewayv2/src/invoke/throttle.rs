//! How many requests a stage or a route takes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use updraft_kernel::UnixMillis;

use crate::model::{Limits, StageRow};

/// Buckets in memory before those that are full are swept.
const SWEEP_AT: usize = 10_000;

/// One bucket of tokens.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: UnixMillis,
}

/// Token buckets, by API, stage and route. In memory only, and of this node: AWS's throttling is best effort too, and a
/// restart that forgets a second's worth of it harms nobody.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<(String, String, String), Bucket>>);

/// What limits a route: its own settings, else the stage's. `None`: nothing does.
fn limits(stage: &StageRow, route_key: &str) -> Option<(f64, f64)> {
    let of = |limits: &Limits| {
        let burst = limits.burst.map(f64::from);
        Some((limits.rate.or(burst)?, burst.or(limits.rate)?))
    };
    stage.limits.get(route_key).and_then(of).or_else(|| of(&stage.default_limits))
}

impl Throttle {
    /// Takes a token. `false`: there is none.
    pub(crate) fn admits(&self, api_id: &str, stage: &StageRow, route_key: &str, now: UnixMillis) -> bool {
        let Some((rate, burst)) = limits(stage, route_key) else { return true };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, bucket| now.since(bucket.at).as_secs() < 60);
        }
        let key = (api_id.to_owned(), stage.stage_name.clone(), route_key.to_owned());
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: burst, at: now });
        bucket.tokens = (bucket.tokens + rate * now.since(bucket.at).as_secs_f64()).min(burst);
        bucket.at = now;
        let admits = bucket.tokens >= 1.0;
        if admits {
            bucket.tokens -= 1.0;
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn stage(default: Limits, route: Option<Limits>) -> StageRow {
        StageRow {
            stage_name: "dev".into(),
            auto_deploy: true,
            deployment_id: None,
            description: None,
            stage_variables: BTreeMap::new(),
            default_limits: default,
            limits: route.map(|limits| ("GET /a".to_owned(), limits)).into_iter().collect(),
            logs: None,
            created: UnixMillis(0),
            updated: UnixMillis(0),
            last_deployment_status_message: None,
            tags: BTreeMap::new(),
            managed: false,
        }
    }

    fn at_most(rate: f64, burst: i32) -> Limits {
        Limits { rate: Some(rate), burst: Some(burst), detailed_metrics: None }
    }

    #[test]
    fn a_burst_is_taken_and_the_rate_refills() {
        let (throttle, stage) = (Throttle::default(), stage(at_most(2.0, 3), None));
        let admitted = |ms| throttle.admits("a", &stage, "GET /a", UnixMillis(ms));
        assert_eq!((0..5).map(|_| admitted(0)).collect::<Vec<_>>(), [true, true, true, false, false]);
        assert!(!admitted(499), "one millisecond early");
        assert!(admitted(500));
        assert!(!admitted(500));
        assert_eq!((0..5).filter(|_| admitted(60_000)).count(), 3, "never more than the burst");
    }

    #[test]
    fn a_routes_own_limit_goes_before_the_stages() {
        let (throttle, stage) = (Throttle::default(), stage(at_most(1.0, 1), Some(at_most(1.0, 2))));
        let admitted = |key| throttle.admits("a", &stage, key, UnixMillis(0));
        assert_eq!([admitted("GET /a"), admitted("GET /a"), admitted("GET /a")], [true, true, false]);
        assert_eq!([admitted("GET /b"), admitted("GET /b")], [true, false]);
    }

    #[test]
    fn without_limits_everything_passes() {
        let (throttle, stage) = (Throttle::default(), stage(Limits::default(), None));
        assert!((0..1_000).all(|_| throttle.admits("a", &stage, "GET /a", UnixMillis(0))));
    }
}
