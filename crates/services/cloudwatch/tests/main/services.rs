//! What services measure.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_kernel::Tasks;
use updraft_testkit::wait_until_async;

use crate::support::Watch;

async fn sum(watch: &Watch, dimensions: Value) -> Option<f64> {
    let input = json!({
        "Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": dimensions, "Period": 60,
        "Statistics": ["Sum"], "StartTime": watch.now() - 60, "EndTime": watch.now() + 60,
    });
    watch.ok("GetMetricStatistics", input).await["Datapoints"][0]["Sum"].as_f64()
}

#[tokio::test]
async fn what_a_service_measured_can_be_read_at_once() {
    let watch = Watch::new();
    watch.measured("Invocations", 1.0);
    watch.measured("Invocations", 1.0);
    assert_eq!(sum(&watch, json!([])).await, Some(2.0));
    watch.measured("Invocations", 1.0);
    assert_eq!(sum(&watch, json!([{ "Name": "FunctionName", "Value": "f" }])).await, Some(3.0));
}

#[tokio::test]
async fn it_is_written_in_the_background() {
    let watch = Watch::new();
    let tasks = Tasks::new();
    watch.inner.start(watch.world.clock(), &tasks);
    watch.measured("Invocations", 1.0);
    assert_eq!(watch.rows().await, 0, "nobody who measures waits for the disk");
    wait_until_async(Duration::from_secs(10), || {
        watch.pass(1);
        let rows = watch.rows();
        async move { rows.await > 0 }
    })
    .await
    .unwrap();
    watch.measured("Invocations", 1.0);
    // A shutdown writes what is left.
    tasks.stop().await;
    assert_eq!(sum(&watch.killed(), json!([])).await, Some(2.0));
}

#[tokio::test]
async fn what_an_account_had_is_forgotten_with_it() {
    let watch = Watch::new();
    watch.measured("Invocations", 1.0);
    watch.inner.forget(Some(&updraft_kernel::AccountId::local()));
    assert_eq!(sum(&watch, json!([])).await, None);
}
