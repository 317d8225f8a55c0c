//! Events are gone after as many days as their group keeps them; and those of older versions are found.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use updraft_kernel::{AccountId, Region, Tasks};
use updraft_logs::FunctionLogs;
use updraft_store::{KeyBuilder, StoreExt, tags};

use crate::support::{Cloud, texts};

const DAY: u64 = 86_400;

#[tokio::test]
async fn old_events_are_hidden_at_once_and_deleted_within_a_day() {
    let cloud = Cloud::with_stream().await;
    let all = json!({ "logGroupName": "/g" });
    let empty = cloud.rows().await;
    for _ in 0..3 {
        cloud.put("s", &[(0, "old")]).await;
    }
    cloud.ok("PutRetentionPolicy", json!({ "logGroupName": "/g", "retentionInDays": 3 })).await;
    let told = cloud.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(told["logGroups"][0]["retentionInDays"], 3);
    cloud.pass(3 * DAY);
    cloud.put("s", &[(0, "new")]).await;
    cloud.fire().await;
    assert_eq!(
        texts(&cloud.ok("FilterLogEvents", all.clone()).await),
        ["old", "old", "old", "new"],
        "exactly three days"
    );
    cloud.pass(1);
    assert_eq!(texts(&cloud.ok("FilterLogEvents", all.clone()).await), ["new"]);
    let told = cloud.put("s", &[(-3 * 86_400_000 - 1, "expired")]).await;
    assert_eq!(told["rejectedLogEventsInfo"], json!({ "expiredLogEventEndIndex": 1 }));
    cloud.pass(DAY);
    cloud.fire().await;
    assert_eq!(cloud.rows().await, empty + 2, "the new event's chunk and its time");

    cloud.ok("DeleteRetentionPolicy", json!({ "logGroupName": "/g" })).await;
    cloud.pass(100 * DAY);
    cloud.fire().await;
    assert_eq!(texts(&cloud.ok("FilterLogEvents", all).await), ["new"]);
    let refused = cloud.refused("PutRetentionPolicy", json!({ "logGroupName": "/g", "retentionInDays": 2 })).await;
    assert!(refused.starts_with("InvalidParameterException"), "{refused}");
}

#[tokio::test]
async fn what_the_first_version_wrote_is_found() {
    let cloud = Cloud::new();
    let (account, region) = (AccountId::local(), Region::default_region());
    let mut tx = cloud.world.store.write().await.unwrap();
    let prefix = KeyBuilder::new(tags::LOGS).scope(&account, &region).u8(1).str("/old").build();
    // Version 1: a stream, and lines of times 300 and 400,000.
    let row = Bytes::from_static(b"\x01\x01s\x02\xd8\x04\x03one\x80\xea\x30\x03two");
    tx.raw().put_versioned(prefix, Bytes::from_static(&[0; 4]), row);
    tx.commit().await.unwrap();
    for _ in 0..2 {
        let tasks = Tasks::new();
        drop(FunctionLogs::new(Arc::clone(&cloud.world.store), &tasks, None));
        updraft_testkit::wait_until_async(std::time::Duration::from_secs(10), || async {
            !cloud.ok("DescribeLogGroups", json!({})).await["logGroups"].as_array().unwrap().is_empty()
        })
        .await
        .unwrap();
        tasks.stop().await;
        let told = cloud.ok("FilterLogEvents", json!({ "logGroupName": "/old" })).await;
        assert_eq!(texts(&told), ["one", "two"], "each once, however often it is looked for");
        assert_eq!(told["events"][1]["timestamp"], 400_000);
    }
    let late = json!({ "logGroupName": "/old", "logStreamName": "s", "startTime": 301 });
    assert_eq!(texts(&cloud.ok("GetLogEvents", late).await), ["two"]);
}
