//! Rules that have a schedule.

use std::time::Duration;

use serde_json::Value;
use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{DisableRuleInput, EnableRuleInput, PutRuleInput};
use updraft_kernel::AwsError;

use crate::support::{Cloud, queue, words};

async fn put(cloud: &Cloud, bus: Option<&str>, expression: &str) -> Result<(), AwsError> {
    let input = PutRuleInput {
        name: "r".into(),
        schedule_expression: Some(expression.into()),
        event_bus_name: bus.map(str::to_owned),
        ..PutRuleInput::default()
    };
    cloud.events.put_rule(&cloud.world.cx(), input).await.map(drop)
}

/// One minute after the other.
async fn pass(cloud: &Cloud, minutes: u32) {
    for _minute in 0..minutes {
        cloud.world.clock.advance(Duration::from_secs(60));
        cloud.settle().await;
    }
}

#[tokio::test]
async fn a_rate_comes_round() {
    let cloud = Cloud::new();
    put(&cloud, None, "rate(5 minutes)").await.unwrap();
    cloud.target(None, "r", queue("q")).await;
    pass(&cloud, 4).await;
    assert!(cloud.got("q").is_empty());
    pass(&cloud, 1).await;
    let [body] = cloud.bodies("q").try_into().unwrap();
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (event["detail-type"].as_str(), event["source"].as_str()),
        (Some("Scheduled Event"), Some("aws.events"))
    );
    assert_eq!(event["resources"][0], "arn:aws:events:us-east-1:000000000000:rule/r");
    assert_eq!(event["detail"], serde_json::json!({}));
    pass(&cloud, 10).await;
    assert_eq!(cloud.got("q").len(), 2);

    let cx = cloud.world.cx();
    cloud.events.disable_rule(&cx, DisableRuleInput { name: "r".into(), ..Default::default() }).await.unwrap();
    pass(&cloud, 10).await;
    assert!(cloud.got("q").is_empty());
    cloud.events.enable_rule(&cx, EnableRuleInput { name: "r".into(), ..Default::default() }).await.unwrap();
    pass(&cloud, 5).await;
    assert_eq!(cloud.got("q").len(), 1);
}

#[tokio::test]
async fn what_is_no_schedule_is_told() {
    let cloud = Cloud::new();
    for expression in ["cron(71 8 1 * ? *)", "cron(INVALID)", "rate(1 minutes)", "at(2030-01-01T00:00:00)"] {
        let told = words(put(&cloud, None, expression).await);
        assert_eq!(told, "ValidationException: Parameter ScheduleExpression is not valid.", "{expression}");
    }
    let told = words(put(&cloud, Some("b"), "rate(1 minute)").await);
    assert_eq!(told, "ValidationException: ScheduleExpression is supported only on the default event bus.");
}

#[tokio::test]
async fn a_schedule_that_is_changed_counts_anew() {
    let cloud = Cloud::new();
    put(&cloud, None, "rate(5 minutes)").await.unwrap();
    cloud.target(None, "r", queue("q")).await;
    pass(&cloud, 4).await;
    put(&cloud, None, "rate(2 minutes)").await.unwrap();
    pass(&cloud, 1).await;
    assert!(cloud.got("q").is_empty());
    pass(&cloud, 1).await;
    assert_eq!(cloud.got("q").len(), 1);
}
