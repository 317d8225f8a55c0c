//! Values move on to coarser levels as they age, and are gone in the end.

use serde_json::json;

use crate::support::Watch;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

#[tokio::test]
async fn a_value_is_told_in_coarser_periods_as_it_ages_and_never_twice() {
    let watch = Watch::new();
    watch.put(json!([{ "MetricName": "m", "Value": 1, "StorageResolution": 1 }])).await;
    watch.put(json!([{ "MetricName": "m", "Value": 2 }])).await;
    let mut passed = 0;
    let steps = [(5 * HOUR, 60, 1), (17 * DAY, 300, 60), (70 * DAY, 3600, 300)];
    for (age, told, not_any_more) in steps {
        watch.pass(age - passed);
        passed = age;
        let seconds = i64::try_from(age + 120).unwrap();
        for fired in [false, true] {
            if fired {
                watch.fire().await;
            }
            assert_eq!(watch.around(seconds, told).await, 3.0, "{age}, fired: {fired}");
            assert_eq!(watch.around(seconds, not_any_more).await, 0.0, "{age}, fired: {fired}");
        }
    }
    watch.pass(500 * DAY - passed);
    assert_eq!(
        watch.sums(i64::try_from(500 * DAY).unwrap(), 86_400).await,
        Vec::<f64>::new(),
        "also before timers fired"
    );
    watch.fire().await;
    assert_eq!(watch.rows().await, 0, "nothing is left behind");
}

impl Watch {
    /// What was measured in the hour (at most) that begins so many seconds ago.
    async fn around(&self, seconds: i64, period: i64) -> f64 {
        let start = self.now() - seconds;
        let input = json!({
            "Namespace": "N", "MetricName": "m", "Period": period, "Statistics": ["Sum"],
            "StartTime": start, "EndTime": start + 1200,
        });
        let points = self.ok("GetMetricStatistics", input).await;
        points["Datapoints"].as_array().unwrap().iter().map(|point| point["Sum"].as_f64().unwrap()).sum()
    }
}
