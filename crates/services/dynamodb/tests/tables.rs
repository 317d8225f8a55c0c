//! Operations on tables.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_testkit::wait_until_async;

use crate::db::{Db, composite, key, merged};

fn plain(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 },
    })
}

#[tokio::test]
async fn a_table_is_described_as_aws_does() {
    let db = Db::new();
    let warm = json!({ "WarmThroughput": { "ReadUnitsPerSecond": 1000, "WriteUnitsPerSecond": 1200 } });
    let mut made = db.ok("CreateTable", merged(plain("tab"), warm)).await["TableDescription"].take();
    let fields = made.as_object_mut().unwrap();
    assert!(fields.remove("CreationDateTime").unwrap().is_number());
    assert_eq!(fields.remove("TableId").unwrap().as_str().unwrap().len(), 36);
    let expected = json!({
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "DeletionProtectionEnabled": false,
        "ItemCount": 0,
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "ProvisionedThroughput": { "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 },
        "TableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/tab",
        "TableName": "tab",
        "TableSizeBytes": 0,
        "TableStatus": "CREATING",
        "WarmThroughput": { "ReadUnitsPerSecond": 1000, "Status": "UPDATING", "WriteUnitsPerSecond": 1200 },
    });
    assert_eq!(made, expected);
    let described = db.described(|_| true).await;
    assert_eq!(described["TableStatus"], json!("ACTIVE"));
    assert_eq!(described["WarmThroughput"]["Status"], json!("ACTIVE"));
}

#[tokio::test]
async fn a_stream_has_a_label_and_an_arn() {
    let db = Db::new();
    let stream = json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "KEYS_ONLY" } });
    let made = db.ok("CreateTable", merged(plain("tab"), stream.clone())).await["TableDescription"].clone();
    assert_eq!(made["StreamSpecification"], stream["StreamSpecification"]);
    let label = made["LatestStreamLabel"].as_str().unwrap();
    let arn = format!("arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/{label}");
    assert_eq!(made["LatestStreamArn"], json!(arn));
    let off = json!({ "TableName": "tab", "StreamSpecification": { "StreamEnabled": false } });
    let after = db.ok("UpdateTable", off).await["TableDescription"].clone();
    assert_eq!((after.get("StreamSpecification"), &after["LatestStreamArn"]), (None, &json!(arn)));
}

#[tokio::test]
async fn names_are_taken_once_and_free_again() {
    let db = Db::with_table().await;
    let again = db.refused("CreateTable", composite("tab")).await;
    assert_eq!((again.code.as_str(), again.message.as_str()), ("ResourceInUseException", "Table already exists: tab"));
    db.put(key("a", "b")).await;
    let gone = db.ok("DeleteTable", json!({ "TableName": "tab" })).await["TableDescription"].clone();
    assert_eq!((&gone["TableStatus"], gone.get("KeySchema")), (&json!("DELETING"), None));
    let refusal = db.refused("DescribeTable", json!({ "TableName": "tab" })).await;
    assert_eq!(refusal.code, "ResourceNotFoundException");
    assert_eq!(refusal.message, "Requested resource not found: Table: tab not found");
    db.ok("CreateTable", composite("tab")).await;
    assert_eq!(db.get("a", "b").await, None, "the new table has nothing of the old one");
    assert_eq!(db.described(|_| true).await["ItemCount"], json!(0));
}

#[tokio::test]
async fn a_deleted_table_leaves_nothing_in_the_store() {
    let db = Db::with_table().await;
    for n in 0..1100 {
        db.put(key("p", &n.to_string())).await;
    }
    db.ok("DeleteTable", json!({ "TableName": "tab" })).await;
    wait_until_async(Duration::from_secs(10), async || db.rows().await == 1).await.unwrap();
    assert_eq!(db.rows().await, 1, "the next table's id");
}

#[tokio::test]
async fn what_a_crash_left_undone_is_taken_up() {
    let db = Db::idle();
    db.ok("CreateTable", composite("tab")).await;
    for n in 0..600 {
        db.put(key("p", &n.to_string())).await;
    }
    db.ok("DeleteTable", json!({ "TableName": "tab" })).await;
    assert!(db.rows().await > 600, "nobody works");
    db.start();
    wait_until_async(Duration::from_secs(10), async || db.rows().await == 1).await.unwrap();
}

#[tokio::test]
async fn a_protected_table_stays() {
    let db = Db::with_table().await;
    db.ok("UpdateTable", json!({ "TableName": "tab", "DeletionProtectionEnabled": true })).await;
    assert_eq!(
        db.invalid("DeleteTable", json!({ "TableName": "tab" })).await,
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
    );
    db.ok("UpdateTable", json!({ "TableName": "tab", "DeletionProtectionEnabled": false })).await;
    db.ok("DeleteTable", json!({ "TableName": "tab" })).await;
}

#[tokio::test]
async fn counts_follow_the_items() {
    let db = Db::with_table().await;
    db.put(key("a", "b")).await;
    db.put(merged(key("a", "c"), json!({ "d": { "S": "xyz" } }))).await;
    db.put(merged(key("a", "c"), json!({ "d": { "S": "x" } }))).await;
    let now = db.described(|_| true).await;
    assert_eq!((&now["ItemCount"], &now["TableSizeBytes"]), (&json!(2), &json!(6 + 6 + 2)));
    db.ok("DeleteItem", json!({ "TableName": "tab", "Key": key("a", "c") })).await;
    assert_eq!(db.described(|_| true).await["TableSizeBytes"], json!(6));
}

#[tokio::test]
async fn tables_are_listed_in_pages() {
    let db = Db::new();
    for name in ["ccc", "aaa", "bbb"] {
        db.ok("CreateTable", composite(name)).await;
    }
    let first = db.ok("ListTables", json!({ "Limit": 2 })).await;
    assert_eq!(first, json!({ "TableNames": ["aaa", "bbb"], "LastEvaluatedTableName": "bbb" }));
    let rest = db.ok("ListTables", json!({ "Limit": 2, "ExclusiveStartTableName": "bbb" })).await;
    assert_eq!(rest, json!({ "TableNames": ["ccc"] }));
}

#[tokio::test]
async fn wrong_tables_are_refused_in_awss_words() {
    let db = Db::new();
    let bad = "One or more parameter values were invalid: ";
    let index = json!([{
        "IndexName": "idx", "Projection": { "ProjectionType": "ALL" },
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }, { "AttributeName": "x", "KeyType": "RANGE" }],
    }]);
    let twice = json!([{ "AttributeName": "id", "KeyType": "HASH" }, { "AttributeName": "id", "KeyType": "RANGE" }]);
    let many = json!([{ "AttributeName": "id", "AttributeType": "S" }, { "AttributeName": "x", "AttributeType": "S" }]);
    for (extra, message) in [
        (
            json!({ "KeySchema": twice }),
            "Both the Hash Key and the Range Key element in the KeySchema have the same name".to_owned(),
        ),
        (
            json!({ "AttributeDefinitions": many }),
            format!(
                "{bad}Number of attributes in KeySchema does not exactly match number of attributes defined in \
                 AttributeDefinitions"
            ),
        ),
        (
            json!({ "AttributeDefinitions": [{ "AttributeName": "x", "AttributeType": "S" }] }),
            format!(
                "{bad}Some index key attributes are not defined in AttributeDefinitions. Keys: [id], \
                 AttributeDefinitions: [x]"
            ),
        ),
        (
            json!({ "AttributeDefinitions": many, "LocalSecondaryIndexes": index }),
            format!(
                "{bad}Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"
            ),
        ),
        (
            json!({ "BillingMode": "PAY_PER_REQUEST" }),
            format!(
                "{bad}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is \
                 PAY_PER_REQUEST"
            ),
        ),
        (
            json!({ "StreamSpecification": { "StreamEnabled": true } }),
            format!("{bad}StreamViewType must be specified when StreamEnabled is set to true"),
        ),
    ] {
        assert_eq!(db.invalid("CreateTable", merged(plain("ttt"), extra.clone())).await, message, "{extra}");
    }
    let short = db.invalid("CreateTable", plain("ab")).await;
    assert!(short.ends_with("Member must have length greater than or equal to 3"), "{short}");
}

#[tokio::test]
async fn billing_is_changed() {
    let db = Db::new();
    db.ok("CreateTable", plain("tab")).await;
    let asked = json!({ "TableName": "tab", "BillingMode": "PAY_PER_REQUEST" });
    assert_eq!(db.ok("UpdateTable", asked).await["TableDescription"]["TableStatus"], json!("UPDATING"));
    let now = db.described(|_| true).await;
    assert_eq!(now["BillingModeSummary"]["BillingMode"], json!("PAY_PER_REQUEST"));
    assert_eq!(now["ProvisionedThroughput"]["ReadCapacityUnits"], json!(0));
    let nothing = db.invalid("UpdateTable", json!({ "TableName": "tab" })).await;
    assert!(nothing.starts_with("At least one of ProvisionedThroughput"), "{nothing}");
}

#[tokio::test]
async fn time_to_live_is_kept() {
    let db = Db::with_table().await;
    let set = |enabled: bool, name: &str| json!({ "TableName": "tab", "TimeToLiveSpecification": { "Enabled": enabled, "AttributeName": name } });
    let now =
        async || db.ok("DescribeTimeToLive", json!({ "TableName": "tab" })).await["TimeToLiveDescription"].clone();
    assert_eq!(now().await, json!({ "TimeToLiveStatus": "DISABLED" }));
    db.ok("UpdateTimeToLive", set(true, "ttl")).await;
    assert_eq!(now().await, json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": "ttl" }));
    assert_eq!(db.invalid("UpdateTimeToLive", set(true, "ttl")).await, "TimeToLive is already enabled");
    let other = db.invalid("UpdateTimeToLive", set(true, "other")).await;
    assert_eq!(other, "TimeToLive is active on a different AttributeName: current AttributeName is ttl");
    db.ok("UpdateTimeToLive", set(false, "ttl")).await;
    assert_eq!(db.invalid("UpdateTimeToLive", set(false, "ttl")).await, "TimeToLive is already disabled");
}

#[tokio::test]
async fn tags_are_put_and_taken() {
    let db = Db::new();
    let tag = |k: &str, v: &str| json!({ "Key": k, "Value": v });
    db.ok("CreateTable", merged(plain("tab"), json!({ "Tags": [tag("a", "1")] }))).await;
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab";
    let list = async || db.ok("ListTagsOfResource", json!({ "ResourceArn": arn })).await["Tags"].clone();
    db.ok("TagResource", json!({ "ResourceArn": arn, "Tags": [tag("a", "2"), tag("b", "3")] })).await;
    assert_eq!(list().await, json!([tag("a", "2"), tag("b", "3")]));
    db.ok("UntagResource", json!({ "ResourceArn": arn, "TagKeys": ["a"] })).await;
    assert_eq!(list().await, json!([tag("b", "3")]));
    let none = db.refused("ListTagsOfResource", json!({ "ResourceArn": format!("{arn}x") })).await;
    assert_eq!(none.message, format!("Requested resource not found: ResourcArn: {arn}x not found"));
}

#[tokio::test]
async fn the_small_descriptions() {
    let db = Db::with_table().await;
    assert_eq!(db.ok("DescribeLimits", json!({})).await["TableMaxReadCapacityUnits"], json!(40_000));
    assert_eq!(db.ok("DescribeEndpoints", json!({})).await["Endpoints"][0]["Address"], json!("127.0.0.1:4566"));
    let backups = db.ok("DescribeContinuousBackups", json!({ "TableName": "tab" })).await;
    assert_eq!(backups["ContinuousBackupsDescription"]["ContinuousBackupsStatus"], json!("ENABLED"));
    let none = db.refused("DescribeContinuousBackups", json!({ "TableName": "nope" })).await;
    assert_eq!(none.code, "TableNotFoundException");
}

#[tokio::test]
async fn a_throughput_has_to_change() {
    let db = Db::new();
    db.ok("CreateTable", plain("tab")).await;
    let update = |read: u8| {
        let wanted = json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": 5 });
        json!({ "TableName": "tab", "ProvisionedThroughput": wanted })
    };
    assert_eq!(
        db.invalid("UpdateTable", update(5)).await,
        "The provisioned throughput for the table will not change. The requested value equals the current value. \
         Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. \
         Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. \
         Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
    );
    let after = db.ok("UpdateTable", update(6)).await;
    assert_eq!(after["TableDescription"]["ProvisionedThroughput"]["ReadCapacityUnits"], json!(6));
}

#[tokio::test]
async fn a_list_of_indexes_is_not_empty() {
    let db = Db::new();
    for list in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        assert_eq!(
            db.invalid("CreateTable", merged(plain("tab"), json!({ list: [] }))).await,
            format!("One or more parameter values were invalid: List of {list} is empty")
        );
    }
}

#[tokio::test]
async fn tags_are_of_tables_and_never_none() {
    let db = Db::new();
    let made = db.ok("CreateTable", plain("tab")).await;
    let arn = made["TableDescription"]["TableArn"].as_str().unwrap();
    for other in ["tab", "arn:aws:sqs:us-east-1:000000000000:table/tab", &format!("{arn}/index/x")] {
        assert_eq!(
            db.invalid("ListTagsOfResource", json!({ "ResourceArn": other })).await,
            format!("Invalid TableArn: Invalid ResourceArn provided as input {other}")
        );
    }
    assert_eq!(
        db.invalid("TagResource", json!({ "ResourceArn": arn, "Tags": [] })).await,
        "Atleast one Tag needs to be provided as Input."
    );
    assert_eq!(
        db.invalid("UntagResource", json!({ "ResourceArn": arn, "TagKeys": [] })).await,
        "Atleast one Tag Key needs to be provided as Input."
    );
}

#[tokio::test]
async fn a_table_billed_per_request_tells_since_when_once_it_is_there() {
    let db = Db::new();
    let mut asked = plain("tab");
    asked.as_object_mut().unwrap().remove("ProvisionedThroughput");
    let made = db.ok("CreateTable", merged(asked, json!({ "BillingMode": "PAY_PER_REQUEST" }))).await;
    assert_eq!(made["TableDescription"]["BillingModeSummary"], json!({ "BillingMode": "PAY_PER_REQUEST" }));
    let described = db.described(|_| true).await;
    assert!(described["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"].is_number(), "{described}");
}

#[tokio::test]
async fn what_a_table_bears_is_told_unasked_once_it_is_there() {
    for (mode, read, write) in [("PAY_PER_REQUEST", 12_000, 4000), ("PROVISIONED", 5, 5)] {
        let db = Db::new();
        let mut asked = merged(plain("tab"), json!({ "BillingMode": mode }));
        if mode == "PAY_PER_REQUEST" {
            asked.as_object_mut().unwrap().remove("ProvisionedThroughput");
        }
        let made = db.ok("CreateTable", asked).await;
        assert_eq!(made["TableDescription"].get("WarmThroughput"), None);
        assert_eq!(
            db.described(|_| true).await["WarmThroughput"],
            json!({ "ReadUnitsPerSecond": read, "Status": "ACTIVE", "WriteUnitsPerSecond": write })
        );
    }
}
