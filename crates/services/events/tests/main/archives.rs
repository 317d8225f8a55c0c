//! What is kept, and sent again.

use std::time::Duration;

use serde_json::Value;
use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{
    CancelReplayInput, CreateArchiveInput, DeleteArchiveInput, DescribeArchiveInput, DescribeArchiveOutput,
    DescribeReplayInput, ListArchivesInput, ListReplaysInput, ReplayDestination, ReplayState, StartReplayInput,
    UpdateArchiveInput,
};
use updraft_kernel::{AwsError, UnixMillis};

use crate::support::{Cloud, entry, queue, words};

const BUS: &str = "arn:aws:events:us-east-1:000000000000:event-bus/default";
const ARCHIVE: &str = "arn:aws:events:us-east-1:000000000000:archive/a";

async fn create(cloud: &Cloud, pattern: Option<&str>, days: Option<i32>) -> Result<(), AwsError> {
    let input = CreateArchiveInput {
        archive_name: "a".into(),
        event_source_arn: BUS.into(),
        event_pattern: pattern.map(str::to_owned),
        retention_days: days,
        ..CreateArchiveInput::default()
    };
    cloud.events.create_archive(&cloud.world.cx(), input).await.map(drop)
}

async fn archive(cloud: &Cloud) -> Result<DescribeArchiveOutput, AwsError> {
    cloud.events.describe_archive(&cloud.world.cx(), DescribeArchiveInput { archive_name: "a".into() }).await
}

async fn replay(cloud: &Cloud, name: &str, rules: Option<Vec<String>>) -> Result<(), AwsError> {
    let input = StartReplayInput {
        replay_name: name.into(),
        event_source_arn: ARCHIVE.into(),
        event_start_time: UnixMillis(0),
        event_end_time: UnixMillis(i64::from(u32::MAX) * 1000),
        destination: ReplayDestination { arn: BUS.into(), filter_arns: rules },
        ..StartReplayInput::default()
    };
    cloud.events.start_replay(&cloud.world.cx(), input).await.map(drop)
}

#[tokio::test]
async fn what_is_kept_is_sent_again_to_who_wants_it_then() {
    let cloud = Cloud::new();
    create(&cloud, Some(r#"{"source": ["s"]}"#), None).await.unwrap();
    for n in 0..150 {
        cloud.put(vec![entry("s", &format!(r#"{{"n":{n}}}"#)), entry("x", "{}")]).await;
    }
    cloud.settle().await;
    let told = archive(&cloud).await.unwrap();
    assert_eq!((told.event_count, told.size_bytes), (Some(150), Some(150 * 28 + 10 * 7 + 90 * 8 + 50 * 9)));

    let rule = cloud.rule(None, "r", "s").await;
    cloud.target(None, "r", queue("q")).await;
    cloud.rule(None, "other", "s").await;
    cloud.target(None, "other", queue("p")).await;
    replay(&cloud, "again", Some(vec![rule])).await.unwrap();
    cloud.settle().await;
    let bodies = cloud.bodies("q");
    let events: Vec<Value> = bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let mut numbers: Vec<_> = events.iter().map(|event| event["detail"]["n"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..150).collect::<Vec<_>>());
    assert!(events.iter().all(|event| event["replay-name"] == "again"));
    assert!(cloud.got("p").is_empty(), "it wasn't meant");

    let input = DescribeReplayInput { replay_name: "again".into() };
    let told = cloud.events.describe_replay(&cloud.world.cx(), input).await.unwrap();
    assert_eq!(told.state, Some(ReplayState::Completed));
    assert!(told.event_last_replayed_time.is_some() && told.replay_end_time.is_some());
    assert_eq!(archive(&cloud).await.unwrap().event_count, Some(150), "a replay isn't kept again");
    assert_eq!(
        words(replay(&cloud, "again", None).await),
        "ResourceAlreadyExistsException: Replay again already exists."
    );
}

#[tokio::test]
async fn what_isnt_wanted_any_more_isnt_sent() {
    let cloud = Cloud::new();
    create(&cloud, None, None).await.unwrap();
    cloud.rule(None, "r", "s").await;
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    cloud.target(None, "r", queue("q")).await;
    replay(&cloud, "never", None).await.unwrap();
    let cancel = || CancelReplayInput { replay_name: "never".into() };
    // Mostly before the first page, and never while one is sent; a replay that has ended is told so.
    match cloud.events.cancel_replay(&cloud.world.cx(), cancel()).await {
        Ok(told) => {
            assert_eq!(told.state, Some(ReplayState::Cancelling));
            cloud.settle().await;
            assert!(cloud.got("q").is_empty());
        }
        Err(error) => assert_eq!(error.code().name, "IllegalStatusException"),
    }
    cloud.settle().await;
    let told = words(cloud.events.cancel_replay(&cloud.world.cx(), cancel()).await);
    assert_eq!(told, "IllegalStatusException: Replay never is not in a valid state for this operation.");
    let input = ListReplaysInput { name_prefix: Some("ne".into()), ..Default::default() };
    assert_eq!(cloud.events.list_replays(&cloud.world.cx(), input).await.unwrap().replays.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_old_enough_is_forgotten() {
    let cloud = Cloud::new();
    create(&cloud, None, Some(2)).await.unwrap();
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    let day = Duration::from_secs(24 * 3600);
    for (after, left) in [(1, 1), (2, 1), (3, 0)] {
        cloud.world.clock.advance(day);
        cloud.settle().await;
        assert_eq!(archive(&cloud).await.unwrap().event_count, Some(left), "after {after} days");
    }
}

#[tokio::test]
async fn archives_are_changed_and_deleted() {
    let cloud = Cloud::new();
    create(&cloud, None, None).await.unwrap();
    assert_eq!(words(create(&cloud, None, None).await), "ResourceAlreadyExistsException: Archive a already exists.");
    let update = |days| UpdateArchiveInput { archive_name: "a".into(), retention_days: days, ..Default::default() };
    let nothing = words(cloud.events.update_archive(&cloud.world.cx(), update(None)).await);
    assert_eq!(
        nothing,
        "ValidationException: At least one of EventPattern, RetentionDays or Description must be provided."
    );
    cloud.events.update_archive(&cloud.world.cx(), update(Some(3))).await.unwrap();
    assert_eq!(archive(&cloud).await.unwrap().retention_days, Some(3));
    let list = ListArchivesInput { event_source_arn: Some(BUS.into()), ..Default::default() };
    let told = cloud.events.list_archives(&cloud.world.cx(), list).await.unwrap();
    assert_eq!(told.archives.unwrap().len(), 1);
    let delete = DeleteArchiveInput { archive_name: "a".into() };
    cloud.events.delete_archive(&cloud.world.cx(), delete).await.unwrap();
    assert_eq!(words(archive(&cloud).await), "ResourceNotFoundException: Archive a does not exist.");
    let told = words(replay(&cloud, "r", None).await);
    assert_eq!(told, "ValidationException: Parameter EventSourceArn is not valid. Reason: Archive a does not exist.");
}
