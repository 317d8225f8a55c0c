//! Distributed maps: where items come from, and what children make of them.

use serde_json::{Value, json};

use crate::bucket::Bucket;
use crate::support::{Cloud, text};

/// A distributed map as the only state. `more`: fields of it.
pub(crate) fn map(more: Value, processor: Value) -> Value {
    let mut processor = json!({ "StartAt": "P", "States": { "P": processor } });
    processor["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" });
    let mut map = json!({ "Type": "Map", "End": true, "Label": "L", "ItemProcessor": processor });
    map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "StartAt": "M", "States": { "M": map } })
}

pub(crate) fn pass() -> Value {
    json!({ "Type": "Pass", "End": true })
}

/// What an object's items are, read in that way.
async fn read(name: &str, bytes: impl Into<Vec<u8>>, config: Value) -> Value {
    let cloud = Cloud::new().await;
    Bucket::of(&cloud).put(name, bytes);
    let parameters = json!({ "Bucket": "b", "Key.$": "$.key" });
    let reader =
        json!({ "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": parameters });
    let machine = cloud.machine("m", &map(json!({ "ItemReader": reader }), pass())).await;
    let execution = cloud.start(&machine, &json!({ "key": name })).await;
    cloud.advance(0).await;
    let said = cloud.describe(&execution).await;
    match said["Output"].as_str() {
        Some(output) => serde_json::from_str(output).unwrap(),
        None => json!([said["Status"], said["Error"], said["Cause"]]),
    }
}

#[tokio::test]
async fn items_of_the_input_become_executions_of_their_own() {
    let cloud = Cloud::new().await;
    let selector = json!({ "n.$": "$$.Map.Item.Index", "item.$": "$$.Map.Item.Value", "all.$": "$.all" });
    let fields = json!({ "ItemsPath": "$.list", "ItemSelector": selector, "ResultPath": "$.done" });
    let machine = cloud.machine("m", &map(fields, pass())).await;
    let input = json!({ "list": ["a", "b"], "all": 1 });
    let execution = cloud.start(&machine, &input).await;
    let children = json!([{ "n": 0, "item": "a", "all": 1 }, { "n": 1, "item": "b", "all": 1 }]);
    assert_eq!(cloud.output(&execution).await, json!({ "list": ["a", "b"], "all": 1, "done": children }));
    let events = cloud.events(&execution).await;
    let types: Vec<_> = events.iter().map(|event| (text(event, "Type"), event["PreviousEventId"].clone())).collect();
    let expected = [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapRunStarted", 3),
        ("MapRunSucceeded", 4),
        ("MapStateSucceeded", 5),
        ("MapStateExited", 4),
        ("ExecutionSucceeded", 7),
    ];
    assert_eq!(types, expected.map(|(name, previous)| (name.to_owned(), json!(previous))));
    assert_eq!(events[2]["MapStateStartedEventDetails"], json!({ "Length": 2 }));
    let arn = text(&events[3]["MapRunStartedEventDetails"], "MapRunArn");
    assert!(arn.starts_with("arn:aws:states:us-east-1:000000000000:mapRun:m/L:"), "{arn}");
}

#[tokio::test]
async fn rows_lines_and_lists_are_read_from_objects() {
    let csv = "a,b\n1,2\n3,\"4\n5\"\n";
    let first = json!([{ "a": "1", "b": "2" }, { "a": "3", "b": "4\n5" }]);
    let config = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" });
    assert_eq!(read("x.csv", csv, config).await, first);
    let headers = json!(["x", "y"]);
    let given = json!({ "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": headers, "CSVDelimiter": "PIPE", "MaxItems": 1 });
    assert_eq!(read("x.csv", "1|2\n3|4\n", given).await, json!([{ "x": "1", "y": "2" }]));
    assert_eq!(read("x.jsonl", "{\"a\":1}\n[2]\n", json!({ "InputType": "JSONL" })).await, json!([{ "a": 1 }, [2]]));
    assert_eq!(read("x.json", "[1, {\"a\": []}]", json!({ "InputType": "JSON" })).await, json!([1, { "a": [] }]));
    let pointer = json!({ "InputType": "JSON", "ItemsPointer": "/a/b" });
    assert_eq!(read("x.json", r#"{"a": {"b": [1, 2]}}"#, pointer).await, json!([1, 2]));
    assert_eq!(read("x.json", "[]", json!({ "InputType": "JSON" })).await, json!([]));
}

#[tokio::test]
async fn what_cannot_be_read_fails_the_map() {
    let failed = |cause: &str| json!(["FAILED", "States.ItemReaderFailed", cause]);
    let json = json!({ "InputType": "JSON" });
    assert_eq!(read("x", "{}", json.clone()).await, failed("Attempting to map over non-iterable node."));
    let csv = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" });
    assert_eq!(read("x", "a,a\n1,2\n", csv).await, failed("CSV headers cannot contain duplicates."));
    let cloud = Cloud::new().await;
    Bucket::of(&cloud);
    let parameters = json!({ "Bucket": "b", "Key": "k" });
    let config = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItemsPath": "$.most" });
    let reader =
        json!({ "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": parameters });
    let machine = cloud.machine("m", &map(json!({ "ItemReader": reader }), pass())).await;
    let cloud = &cloud;
    let said = |execution: String| async move {
        cloud.advance(0).await;
        let (said, types) = (cloud.describe(&execution).await, cloud.types(&execution).await);
        (text(&said, "Error"), text(&said, "Cause"), types[3..].join(" "))
    };
    let gone = said(cloud.start(&machine, &json!({ "most": 0 })).await).await;
    let cause = "The specified key does not exist. (Service: Amazon S3; Error Code: NoSuchKey)";
    let types = "MapRunStarted MapRunFailed MapStateFailed ExecutionFailed";
    assert_eq!(gone, ("States.ItemReaderFailed".to_owned(), cause.to_owned(), types.to_owned()));
    let negative = said(cloud.start(&machine, &json!({ "most": -1 })).await).await;
    assert_eq!((negative.1.as_str(), negative.2.as_str()), ("field MaxItems must be positive", types));
    let broken = said(cloud.start(&machine, &json!({ "most": 1.5 })).await).await;
    let beginning = "An error occurred while executing the state 'M' (entered at the event id #2). ";
    let what = "The MaxItemsPath field refers to value \"1.5\" which is not a valid integer: $.most";
    assert_eq!(broken, ("States.Runtime".to_owned(), format!("{beginning}{what}"), "ExecutionFailed".to_owned()));
}

#[tokio::test]
async fn objects_of_a_bucket_are_items_too() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    for n in 0..5 {
        bucket.put(&format!("k{n}"), "xy");
    }
    let reader = json!({ "Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": { "Bucket": "b" } });
    let machine = cloud.machine("m", &map(json!({ "ItemReader": reader }), pass())).await;
    let listed = cloud.output(&cloud.start(&machine, &json!({})).await).await;
    assert_eq!(listed.as_array().unwrap().len(), 5);
    let at = 1_898_596_800;
    let first = json!({ "Etag": "\"1\"", "Key": "k0", "LastModified": at, "Size": 2, "StorageClass": "STANDARD" });
    assert_eq!(listed[0], first);
    assert_eq!(listed[4]["Key"], "k4");
}

#[tokio::test]
async fn an_inventory_lists_objects_in_several_files() {
    use std::io::Write;
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    for (n, rows) in [(0, "\"b\",\"k0\"\n\"b\",\"k1\"\n"), (1, "\"b\",\"k2\"\n")] {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(rows.as_bytes()).unwrap();
        bucket.put(&format!("f{n}.csv.gz"), packed.finish().unwrap());
    }
    let files = json!([{ "key": "f0.csv.gz" }, { "key": "f1.csv.gz" }]);
    let manifest = json!({ "destinationBucket": "arn:aws:s3:::b", "fileFormat": "CSV", "fileSchema": "Bucket, Key", "files": files });
    bucket.put("manifest.json", manifest.to_string());
    let parameters = json!({ "Bucket": "b", "Key": "manifest.json" });
    let config = json!({ "InputType": "MANIFEST" });
    let reader =
        json!({ "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": parameters });
    let machine = cloud.machine("m", &map(json!({ "ItemReader": reader }), pass())).await;
    let items = cloud.output(&cloud.start(&machine, &json!({})).await).await;
    let item = |key: &str| json!({ "Bucket": "b", "Key": key });
    assert_eq!(items, json!([item("k0"), item("k1"), item("k2")]));
}

#[tokio::test]
async fn a_large_file_is_read_in_pieces_and_its_rows_come_in_batches() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    let filler = "x".repeat(600);
    let rows: String = (0..5_000).map(|n| format!("{n},{filler}\n")).collect();
    bucket.put("big", format!("id,filler\n{rows}"));
    let config = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" });
    let parameters = json!({ "Bucket": "b", "Key": "big" });
    let reader =
        json!({ "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": parameters });
    let fields = json!({
        "ItemReader": reader,
        "ItemSelector": { "id.$": "$$.Map.Item.Value.id" },
        "ItemBatcher": { "MaxItemsPerBatch": 300, "BatchInput": { "of.$": "$.of" } },
        "MaxConcurrency": 3,
    });
    let first = json!({ "Type": "Pass", "End": true, "Parameters": { "of.$": "$.BatchInput.of", "n.$": "States.ArrayLength($.Items)", "first.$": "$.Items[0].id" } });
    let machine = cloud.machine("m", &map(fields, first)).await;
    let batches = cloud.output(&cloud.start(&machine, &json!({ "of": 7 })).await).await;
    let expected: Vec<Value> = (0..17)
        .map(|n| json!({ "of": 7, "n": if n == 16 { 200 } else { 300 }, "first": (n * 300).to_string() }))
        .collect();
    assert_eq!(batches, json!(expected));
    assert!(bucket.ranges.lock().len() < 10, "each piece is read once: {:?}", bucket.ranges.lock());
}

#[tokio::test]
async fn batches_are_no_larger_than_they_may_be() {
    let cloud = Cloud::new().await;
    let fields = json!({ "ItemBatcher": { "MaxInputBytesPerBatch": 60 } });
    let machine = cloud.machine("m", &map(fields, pass())).await;
    let items: Vec<String> = (0..6).map(|n| format!("{n:010}")).collect();
    let batches = cloud.output(&cloud.start(&machine, &json!(items)).await).await;
    let sizes: Vec<usize> = batches.as_array().unwrap().iter().map(|batch| batch.to_string().len()).collect();
    assert!(sizes.iter().all(|size| *size <= 60), "{sizes:?}");
    let counts: Vec<usize> =
        batches.as_array().unwrap().iter().map(|batch| batch["Items"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [3, 3]);
}
