//! What a stream tells of its table, and how it is read.

use std::time::Duration;

use serde_json::{Value, json};

use crate::db::{Db, composite, key, merged};

const DAY: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);

fn view(view: &str) -> Value {
    json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": view } })
}

/// One shard, so that all is in one order.
fn provisioned(table: Value) -> Value {
    let units = json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 });
    merged(table, json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": units }))
}

async fn streaming(how: &str) -> (Db, String) {
    let db = Db::new();
    let made = db.ok("CreateTable", merged(provisioned(composite("tab")), view(how))).await;
    let arn = made["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned();
    (db, arn)
}

async fn shards(db: &Db, arn: &str) -> Vec<String> {
    let described = db.stream("DescribeStream", json!({ "StreamArn": arn })).await.unwrap();
    let shards = described["StreamDescription"]["Shards"].as_array().unwrap().clone();
    shards.iter().map(|shard| shard["ShardId"].as_str().unwrap().to_owned()).collect()
}

async fn iterator(db: &Db, arn: &str, how: Value) -> String {
    let shard = shards(db, arn).await.remove(0);
    let asked = merged(json!({ "StreamArn": arn, "ShardId": shard }), how);
    let answer = db.stream("GetShardIterator", asked).await.unwrap();
    answer["ShardIterator"].as_str().unwrap().to_owned()
}

fn oldest() -> Value {
    json!({ "ShardIteratorType": "TRIM_HORIZON" })
}

async fn records(db: &Db, iterator: &str) -> Vec<Value> {
    let answer = db.stream("GetRecords", json!({ "ShardIterator": iterator })).await.unwrap();
    answer["Records"].as_array().unwrap().clone()
}

/// All that there is in the first shard.
async fn all(db: &Db, arn: &str) -> Vec<Value> {
    records(db, &iterator(db, arn, oldest()).await).await
}

fn names(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["eventName"].as_str().unwrap()).collect()
}

fn item(sk: &str, value: &str) -> Value {
    json!({ "pk": { "S": "p" }, "sk": { "S": sk }, "v": { "S": value } })
}

#[tokio::test]
async fn every_way_of_writing_is_recorded_in_order() {
    let (db, arn) = streaming("NEW_AND_OLD_IMAGES").await;
    db.put(item("a", "1")).await;
    let update = json!({
        "TableName": "tab", "Key": key("p", "a"), "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": { ":v": { "S": "2" } },
    });
    db.ok("UpdateItem", update).await;
    db.ok("DeleteItem", json!({ "TableName": "tab", "Key": key("p", "a") })).await;
    let batch = json!([{ "PutRequest": { "Item": item("b", "1") } }, { "PutRequest": { "Item": item("c", "1") } }]);
    db.ok("BatchWriteItem", json!({ "RequestItems": { "tab": batch } })).await;
    let both = json!([
        { "Put": { "TableName": "tab", "Item": item("b", "2") } },
        { "Delete": { "TableName": "tab", "Key": key("p", "c") } },
    ]);
    db.ok("TransactWriteItems", json!({ "TransactItems": both })).await;

    let found = all(&db, &arn).await;
    assert_eq!(names(&found), ["INSERT", "MODIFY", "REMOVE", "INSERT", "INSERT", "MODIFY", "REMOVE"]);
    let numbers: Vec<&str> = found.iter().map(|r| r["dynamodb"]["SequenceNumber"].as_str().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, two| one < two) && numbers.iter().all(|n| n.len() >= 21), "{numbers:?}");
    let mut ids: Vec<&str> = found.iter().map(|r| r["eventID"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), found.len());
    assert_eq!(
        found[1],
        json!({
            "eventID": found[1]["eventID"],
            "eventName": "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": found[1]["dynamodb"]["ApproximateCreationDateTime"],
                "Keys": key("p", "a"),
                "NewImage": item("a", "2"),
                "OldImage": item("a", "1"),
                "SequenceNumber": numbers[1],
                "SizeBytes": 6 + 8 + 8,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        })
    );
}

#[tokio::test]
async fn what_changes_nothing_is_not_recorded() {
    let (db, arn) = streaming("KEYS_ONLY").await;
    db.put(item("a", "1")).await;
    db.put(item("a", "1")).await;
    db.ok("DeleteItem", json!({ "TableName": "tab", "Key": key("p", "none") })).await;
    let same = json!({
        "TableName": "tab", "Key": key("p", "a"), "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": { ":v": { "S": "1" } },
    });
    db.ok("UpdateItem", same).await;
    let check = json!([{ "ConditionCheck": {
        "TableName": "tab", "Key": key("p", "a"), "ConditionExpression": "attribute_exists(pk)",
    } }]);
    db.ok("TransactWriteItems", json!({ "TransactItems": check })).await;
    let failing =
        json!({ "TableName": "tab", "Item": item("a", "9"), "ConditionExpression": "attribute_not_exists(pk)" });
    db.refused("PutItem", failing).await;
    let found = all(&db, &arn).await;
    assert_eq!(names(&found), ["INSERT"]);
    let change = &found[0]["dynamodb"];
    assert_eq!((&change["NewImage"], &change["OldImage"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_view_says_which_images_there_are() {
    for (how, new, old) in [("NEW_IMAGE", true, false), ("OLD_IMAGE", false, true)] {
        let (db, arn) = streaming(how).await;
        db.put(item("a", "1")).await;
        db.put(item("a", "2")).await;
        let found = all(&db, &arn).await;
        let change = &found[1]["dynamodb"];
        assert_eq!((change["NewImage"].is_object(), change["OldImage"].is_object()), (new, old), "{how}");
    }
}

#[tokio::test]
async fn a_large_change_is_read_whole() {
    let (db, arn) = streaming("NEW_AND_OLD_IMAGES").await;
    let letter = |seed: u64, n: u64| char::from(b' ' + u8::try_from((n * n + seed * n / 7) % 90).unwrap());
    let noise = |seed| (0..390_000_u64).map(move |n| letter(seed, n));
    let (one, two): (String, String) = (noise(1).collect(), noise(2).collect());
    db.put(item("a", &one)).await;
    db.put(item("a", &two)).await;
    db.put(item("b", "small")).await;
    let first = iterator(&db, &arn, oldest()).await;
    let answer = db.stream("GetRecords", json!({ "ShardIterator": first })).await.unwrap();
    let found = answer["Records"].as_array().unwrap();
    assert_eq!(found.len(), 1, "with the second it were more than a mebibyte");
    assert_eq!(found[0]["dynamodb"]["NewImage"]["v"]["S"], one);
    let found = records(&db, answer["NextShardIterator"].as_str().unwrap()).await;
    assert_eq!(names(&found), ["MODIFY", "INSERT"]);
    assert_eq!(found[0]["dynamodb"]["OldImage"]["v"]["S"], one);
    assert_eq!(found[0]["dynamodb"]["NewImage"]["v"]["S"], two);
}

#[tokio::test]
async fn iterators_begin_where_they_are_asked_to_and_go_on() {
    let (db, arn) = streaming("KEYS_ONLY").await;
    let latest = iterator(&db, &arn, json!({ "ShardIteratorType": "LATEST" })).await;
    for sk in ["a", "b", "c"] {
        db.put(item(sk, "1")).await;
        db.world.clock.advance(MINUTE);
    }
    let found = all(&db, &arn).await;
    assert_eq!(records(&db, &latest).await, found, "what came after");
    let later = iterator(&db, &arn, json!({ "ShardIteratorType": "LATEST" })).await;
    assert!(records(&db, &later).await.is_empty());
    let second = &found[1]["dynamodb"];
    for (how, expected) in [("AT_SEQUENCE_NUMBER", &found[1..]), ("AFTER_SEQUENCE_NUMBER", &found[2..])] {
        let asked = json!({ "ShardIteratorType": how, "SequenceNumber": second["SequenceNumber"] });
        assert_eq!(records(&db, &iterator(&db, &arn, asked).await).await, expected, "{how}");
    }
    let moment = json!({ "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": second["ApproximateCreationDateTime"] });
    assert_eq!(records(&db, &iterator(&db, &arn, moment).await).await, &found[1..]);

    let first = iterator(&db, &arn, oldest()).await;
    let answer = db.stream("GetRecords", json!({ "ShardIterator": first, "Limit": 2 })).await.unwrap();
    assert_eq!(answer["Records"].as_array().unwrap(), &found[..2]);
    let next = answer["NextShardIterator"].as_str().unwrap();
    assert_eq!(records(&db, next).await, &found[2..]);
    assert_eq!(records(&db, next).await, &found[2..], "the same again");
}

#[tokio::test]
async fn an_iterator_can_be_used_for_a_quarter_of_an_hour() {
    let (db, arn) = streaming("KEYS_ONLY").await;
    let first = iterator(&db, &arn, oldest()).await;
    db.world.clock.advance(15 * MINUTE);
    let answer = db.stream("GetRecords", json!({ "ShardIterator": first })).await.unwrap();
    db.world.clock.advance(Duration::from_millis(1));
    let refusal = db.stream("GetRecords", json!({ "ShardIterator": first })).await.unwrap_err();
    assert_eq!(refusal.code, "ExpiredIteratorException");
    assert!(records(&db, answer["NextShardIterator"].as_str().unwrap()).await.is_empty(), "the next one is younger");
}

#[tokio::test]
async fn records_can_be_read_for_a_day_and_then_go() {
    let (db, arn) = streaming("KEYS_ONLY").await;
    db.put(item("a", "1")).await;
    let before = db.rows().await;
    db.advance(MINUTE).await;
    db.put(item("b", "1")).await;
    let found = all(&db, &arn).await;
    db.advance(DAY - 2 * MINUTE).await;
    assert_eq!(all(&db, &arn).await.len(), 2);
    db.advance(MINUTE - Duration::from_millis(1)).await;
    assert_eq!(all(&db, &arn).await.len(), 2, "a millisecond early");
    db.advance(Duration::from_millis(1)).await;
    assert_eq!(all(&db, &arn).await, &found[1..]);
    for how in ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"] {
        let number = &found[0]["dynamodb"]["SequenceNumber"];
        let shard = shards(&db, &arn).await.remove(0);
        let asked = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": how, "SequenceNumber": number });
        let refusal = db.stream("GetShardIterator", asked).await.unwrap_err();
        assert_eq!(refusal.code, "TrimmedDataAccessException", "{how}");
    }
    db.advance(DAY).await;
    assert!(all(&db, &arn).await.is_empty());
    assert_eq!(db.rows().await, before, "the second item is there, and the records of both are gone");
    db.put(item("c", "1")).await;
    assert_eq!(names(&all(&db, &arn).await), ["INSERT"], "and so it goes on");
}

#[tokio::test]
async fn a_stream_that_was_disabled_can_be_read_to_its_end_and_another_is_another() {
    let (db, arn) = streaming("KEYS_ONLY").await;
    db.put(item("a", "1")).await;
    let off = json!({ "TableName": "tab", "StreamSpecification": { "StreamEnabled": false } });
    db.ok("UpdateTable", off).await;
    db.put(item("b", "1")).await;
    let table = db.ok("DescribeTable", json!({ "TableName": "tab" })).await["Table"].clone();
    assert_eq!((&table["StreamSpecification"], table["LatestStreamArn"].as_str()), (&Value::Null, Some(&*arn)));
    let described = db.stream("DescribeStream", json!({ "StreamArn": arn })).await.unwrap();
    assert_eq!(described["StreamDescription"]["StreamStatus"], "DISABLED");
    let range = &described["StreamDescription"]["Shards"][0]["SequenceNumberRange"];
    let first = iterator(&db, &arn, oldest()).await;
    let answer = db.stream("GetRecords", json!({ "ShardIterator": first })).await.unwrap();
    assert_eq!(
        (names(answer["Records"].as_array().unwrap()), &answer["NextShardIterator"]),
        (vec!["INSERT"], &Value::Null)
    );
    assert_eq!(range["EndingSequenceNumber"], answer["Records"][0]["dynamodb"]["SequenceNumber"]);

    let made = db.ok("UpdateTable", merged(json!({ "TableName": "tab" }), view("NEW_IMAGE"))).await;
    let other = made["TableDescription"]["LatestStreamArn"].as_str().unwrap();
    assert_ne!(other, arn);
    db.put(item("c", "1")).await;
    assert_eq!((all(&db, &arn).await.len(), all(&db, other).await.len()), (1, 1));
    let listed = db.stream("ListStreams", json!({ "TableName": "tab" })).await.unwrap();
    assert_eq!(listed["Streams"].as_array().unwrap().len(), 2);

    db.advance(DAY + MINUTE).await;
    db.advance(DAY).await;
    let listed = db.stream("ListStreams", json!({})).await.unwrap();
    assert_eq!(listed["Streams"][0]["StreamArn"], other);
    assert_eq!(listed["Streams"].as_array().unwrap().len(), 1, "the one that ended is gone");
}

#[tokio::test]
async fn a_deleted_tables_stream_is_there_for_a_day_and_leaves_nothing() {
    let (db, arn) = streaming("OLD_IMAGE").await;
    db.put(item("a", "1")).await;
    db.ok("DeleteTable", json!({ "TableName": "tab" })).await;
    assert_eq!(names(&all(&db, &arn).await), ["INSERT"], "what is dropped with a table isn't recorded");
    db.ok("CreateTable", merged(provisioned(composite("tab")), view("OLD_IMAGE"))).await;
    let listed = db.stream("ListStreams", json!({ "TableName": "tab" })).await.unwrap();
    assert_eq!(listed["Streams"].as_array().unwrap().len(), 2);
    db.ok("DeleteTable", json!({ "TableName": "tab" })).await;
    db.advance(DAY + MINUTE).await;
    db.advance(DAY).await;
    let refusal = db.stream("DescribeStream", json!({ "StreamArn": arn })).await.unwrap_err();
    assert_eq!(refusal.message, format!("Requested resource not found: Stream: {arn} not found"));
    let rows = async || db.rows().await;
    updraft_testkit::wait_until_async(Duration::from_secs(10), async || rows().await == 1).await.unwrap();
}

#[tokio::test]
async fn a_table_on_demand_has_several_shards_and_each_item_one_of_them() {
    let db = Db::new();
    let made = db.ok("CreateTable", merged(composite("tab"), view("KEYS_ONLY"))).await;
    let arn = made["TableDescription"]["LatestStreamArn"].as_str().unwrap();
    let shards = shards(&db, arn).await;
    assert_eq!(shards.len(), 4);
    for round in ["1", "2"] {
        for pk in 0..20 {
            let item = json!({ "pk": { "S": pk.to_string() }, "sk": { "S": "s" }, "v": { "S": round } });
            db.put(item).await;
        }
    }
    let mut found = Vec::new();
    for shard in &shards {
        let asked = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let answer = db.stream("GetShardIterator", asked).await.unwrap();
        let records = records(&db, answer["ShardIterator"].as_str().unwrap()).await;
        let of = |name| {
            records.iter().filter(|r| r["eventName"] == name).map(|r| r["dynamodb"]["Keys"].clone()).collect::<Vec<_>>()
        };
        let (inserted, modified) = (of("INSERT"), of("MODIFY"));
        assert!(!inserted.is_empty() && inserted == modified, "both of an item are here");
        found.extend(inserted);
    }
    assert_eq!(found.len(), 20);

    let page = db.stream("DescribeStream", json!({ "StreamArn": arn, "Limit": 3 })).await.unwrap();
    let page = &page["StreamDescription"];
    assert_eq!(
        (page["Shards"].as_array().unwrap().len(), page["LastEvaluatedShardId"].as_str()),
        (3, Some(&*shards[2]))
    );
    let rest = json!({ "StreamArn": arn, "ExclusiveStartShardId": shards[2] });
    let rest = db.stream("DescribeStream", rest).await.unwrap();
    assert_eq!(rest["StreamDescription"]["Shards"][0]["ShardId"], *shards[3]);
    assert_eq!(rest["StreamDescription"]["LastEvaluatedShardId"], Value::Null);
    let filter = json!({ "StreamArn": arn, "ShardFilter": { "Type": "CHILD_SHARDS", "ShardId": shards[0] } });
    let children = db.stream("DescribeStream", filter).await.unwrap();
    assert_eq!(children["StreamDescription"]["Shards"], json!([]));
}

#[tokio::test]
async fn streams_are_listed_page_by_page() {
    let db = Db::new();
    for name in ["tab1", "tab2", "tab3"] {
        db.ok("CreateTable", merged(composite(name), view("KEYS_ONLY"))).await;
    }
    db.ok("CreateTable", composite("tab4")).await;
    let page = db.stream("ListStreams", json!({ "Limit": 2 })).await.unwrap();
    let tables = |page: &Value| {
        page["Streams"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["TableName"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(tables(&page), ["tab1", "tab2"]);
    let next = json!({ "Limit": 2, "ExclusiveStartStreamArn": page["LastEvaluatedStreamArn"] });
    let rest = db.stream("ListStreams", next).await.unwrap();
    assert_eq!((tables(&rest), &rest["LastEvaluatedStreamArn"]), (vec!["tab3".to_owned()], &Value::Null));
}

#[tokio::test]
async fn what_is_not_there_or_no_iterator_is_refused() {
    let (db, arn) = streaming("KEYS_ONLY").await;
    let shard = shards(&db, &arn).await.remove(0);
    let none = arn.replace("tab", "none");
    for (op, input, code) in [
        ("DescribeStream", json!({ "StreamArn": none }), "ResourceNotFoundException"),
        ("DescribeStream", json!({ "StreamArn": arn.replace("us-east-1", "eu-west-1") }), "ResourceNotFoundException"),
        ("DescribeStream", json!({ "StreamArn": arn, "Limit": 101 }), "ValidationException"),
        (
            "GetShardIterator",
            json!({ "StreamArn": arn, "ShardId": "shardId-00000000000000000000-aaaaaaaa", "ShardIteratorType": "LATEST" }),
            "ResourceNotFoundException",
        ),
        (
            "GetShardIterator",
            json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "AT_SEQUENCE_NUMBER" }),
            "ValidationException",
        ),
        ("GetRecords", json!({ "ShardIterator": "x" }), "ValidationException"),
        (
            "GetRecords",
            json!({ "ShardIterator": iterator(&db, &arn, oldest()).await, "Limit": 1001 }),
            "ValidationException",
        ),
    ] {
        assert_eq!(db.stream(op, input.clone()).await.unwrap_err().code, code, "{op} {input}");
    }
}

#[tokio::test]
async fn what_has_expired_is_deleted_by_dynamodb_itself() {
    let (db, arn) = streaming("OLD_IMAGE").await;
    let now = db.world.clock().now().0 / 1000;
    let expiring = |sk: &str, at: i64| merged(item(sk, "1"), json!({ "ttl": { "N": at.to_string() } }));
    db.put(expiring("before", now + 60)).await;
    let ttl = json!({ "TableName": "tab", "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "ttl" } });
    db.ok("UpdateTimeToLive", ttl).await;
    db.put(expiring("soon", now + 120)).await;
    db.put(expiring("later", now + 86_400)).await;
    db.put(expiring("moved", now + 60)).await;
    db.put(expiring("moved", now + 86_400)).await;
    db.put(item("never", "1")).await;
    db.idle_jobs().await;
    db.advance(Duration::from_secs(59)).await;
    assert!(db.get("p", "before").await.is_some());
    db.advance(2 * Duration::from_secs(3600)).await;
    for (sk, there) in [("before", false), ("soon", false), ("later", true), ("moved", true), ("never", true)] {
        assert_eq!(db.get("p", sk).await.is_some(), there, "{sk}");
    }
    let found = all(&db, &arn).await;
    let removed: Vec<_> = found.iter().filter(|record| record["eventName"] == "REMOVE").collect();
    assert_eq!(removed.len(), 2);
    for record in removed {
        assert_eq!(record["userIdentity"], json!({ "PrincipalId": "dynamodb.amazonaws.com", "Type": "Service" }));
        assert!(record["dynamodb"]["OldImage"].is_object());
    }
    let off = json!({ "TableName": "tab", "TimeToLiveSpecification": { "Enabled": false, "AttributeName": "ttl" } });
    db.ok("UpdateTimeToLive", off).await;
    db.advance(2 * DAY).await;
    assert!(db.get("p", "later").await.is_some(), "nobody deletes it any more");
}
