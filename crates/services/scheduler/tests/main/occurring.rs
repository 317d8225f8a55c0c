//! When schedules occur, in virtual time.

use serde_json::json;

use crate::support::{Cloud, given};

#[tokio::test]
async fn an_advance_fires_every_occurrence_in_order_with_its_time() {
    let cloud = Cloud::new().await;
    cloud.schedule("hourly", "cron(0 * * * ? *)", json!({})).await;
    cloud.schedule("half", "cron(30 0/6 * * ? *)", json!({})).await;
    cloud.advance(24 * 60).await;
    let bodies = cloud.bodies("q");
    assert_eq!(bodies.len(), 25 + 4, "the advance's both ends are full hours");
    assert!(bodies.is_sorted(), "{bodies:?}");
    assert_eq!((bodies[0].as_str(), bodies[28].as_str()), ("2030-03-01T12:00:00Z", "2030-03-02T12:00:00Z"));
    assert_eq!(cloud.measured("InvocationAttemptCount", "default"), 29);
}

#[tokio::test]
async fn a_rate_begins_at_once_and_ends_with_its_end() {
    let cloud = Cloud::new().await;
    let end = json!({"EndDate": "2030-03-01T12:10:00Z", "ActionAfterCompletion": "DELETE"});
    cloud.schedule("s", "rate(5 minutes)", end).await;
    cloud.advance(60).await;
    assert_eq!(cloud.bodies("q"), ["2030-03-01T12:00:00Z", "2030-03-01T12:05:00Z", "2030-03-01T12:10:00Z"]);
    assert!(cloud.refused("GetSchedule", json!({"Name": "s"})).await.contains("does not exist"), "it is completed");
    assert_eq!(cloud.rows().await, (0, 0));
}

#[tokio::test]
async fn a_schedule_that_starts_later_waits() {
    let cloud = Cloud::new().await;
    cloud.schedule("s", "rate(1 hour)", json!({"StartDate": "2030-03-01T13:30:00Z"})).await;
    cloud.advance(89).await;
    assert!(cloud.bodies("q").is_empty());
    cloud.advance(62).await;
    assert_eq!(cloud.bodies("q"), ["2030-03-01T13:30:00Z", "2030-03-01T14:30:00Z"]);
}

#[tokio::test]
async fn what_is_due_once_is_due_in_its_zone_and_stays_unless_it_is_to_go() {
    let cloud = Cloud::new().await;
    let zone = json!({"ScheduleExpressionTimezone": "America/New_York"});
    cloud.schedule("stays", "at(2030-03-01T08:00:00)", zone).await;
    cloud.schedule("goes", "at(2030-03-01T13:30:15)", json!({"ActionAfterCompletion": "DELETE"})).await;
    cloud.advance(24 * 60).await;
    assert_eq!(cloud.bodies("q"), ["2030-03-01T13:00:00Z", "2030-03-01T13:30:15Z"]);
    assert_eq!(cloud.ok("GetSchedule", json!({"Name": "stays"})).await["State"], "ENABLED");
    assert_eq!(cloud.rows().await, (1, 0), "one is kept, nothing waits");
}

#[tokio::test]
async fn clocks_that_change_skip_a_time_and_show_none_twice() {
    let cloud = Cloud::new().await;
    // New York's clocks go forward at 2:00 on March 10.
    let zone = json!({"ScheduleExpressionTimezone": "America/New_York"});
    cloud.schedule("s", "cron(30 2 9-11 3 ? 2030)", zone).await;
    cloud.advance(14 * 24 * 60).await;
    assert_eq!(cloud.bodies("q"), ["2030-03-09T07:30:00Z", "2030-03-11T06:30:00Z"]);
}

#[tokio::test]
async fn a_disabled_schedule_rests_and_goes_on_when_it_is_enabled() {
    let cloud = Cloud::new().await;
    cloud.schedule("s", "cron(0/10 * * * ? *)", json!({"State": "DISABLED"})).await;
    cloud.advance(60).await;
    assert!(cloud.bodies("q").is_empty());
    cloud.ok("UpdateSchedule", given("s", "cron(0/10 * * * ? *)", json!({}))).await;
    cloud.advance(15).await;
    assert_eq!(cloud.bodies("q"), ["2030-03-01T13:00:00Z", "2030-03-01T13:10:00Z"]);
    cloud.ok("UpdateSchedule", given("s", "cron(0/10 * * * ? *)", json!({"State": "DISABLED"}))).await;
    cloud.advance(60).await;
    assert_eq!(cloud.bodies("q").len(), 2);
}

#[tokio::test]
async fn a_flexible_window_makes_it_later_and_says_the_time_it_was_meant_for() {
    let cloud = Cloud::new().await;
    let window = json!({"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}});
    cloud.schedule("s", "cron(0 13 * * ? *)", window).await;
    let (mut early, mut seen) = (0, Vec::new());
    for _day in 0..8 {
        // To 13:00, when it is due at the earliest; and past the window.
        cloud.advance(60).await;
        early += usize::from(cloud.bodies("q").len() > seen.len());
        cloud.advance(30).await;
        seen = cloud.bodies("q");
        cloud.advance(24 * 60 - 90).await;
    }
    assert_eq!(seen.len(), 8, "within the window, each time");
    assert!(early < 8, "but not at once");
    assert!(seen.iter().all(|body| body.ends_with("T13:00:00Z")), "{seen:?}");
}

#[tokio::test]
async fn a_thousand_schedules_cost_a_row_and_a_timer_each_until_they_are_due() {
    let cloud = Cloud::new().await;
    for number in 0..1_000 {
        cloud.schedule(&format!("s{number}"), "cron(0 0 2 3 ? *)", json!({})).await;
    }
    assert_eq!(cloud.rows().await, (1_000, 1_000));
    cloud.advance(11 * 60).await;
    assert!(cloud.bodies("q").is_empty());
    cloud.advance(120).await;
    assert_eq!(cloud.bodies("q").len(), 1_000);
    assert_eq!(cloud.rows().await, (1_000, 1_000), "each waits for the next year");
}
