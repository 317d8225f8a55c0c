//! Distributed maps over several objects, compressed ones, and objects of the input; and where an item is.

use std::io::Write;

use serde_json::{Value, json};

use crate::bucket::Bucket;
use crate::distributed::{map, pass};
use crate::support::Cloud;

fn packed(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// Where each item is, which it is, and what it is.
fn told() -> Value {
    json!({ "at.$": "$$.Map.Item.Source", "n.$": "$$.Map.Item.Index", "is.$": "$$.Map.Item.Value" })
}

async fn items(cloud: &Cloud, (action, config, parameters): (&str, Value, Value), more: Value) -> Value {
    let resource = format!("arn:aws:states:::s3:{action}");
    let reader = json!({ "Resource": resource, "ReaderConfig": config, "Parameters": parameters });
    let mut fields = json!({ "ItemReader": reader, "ItemSelector": told() });
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let machine = cloud.machine("m", &map(fields, pass())).await;
    let execution = cloud.start(&machine, &json!({})).await;
    cloud.advance(0).await;
    let said = cloud.describe(&execution).await;
    cloud.ok("DeleteStateMachine", json!({ "StateMachineArn": machine })).await;
    match said["Output"].as_str() {
        Some(output) => serde_json::from_str(output).unwrap(),
        None => said["Cause"].clone(),
    }
}

fn expected(items: &[(&str, Value)]) -> Value {
    items.iter().enumerate().map(|(n, (at, is))| json!({ "at": at, "n": n, "is": is })).collect()
}

#[tokio::test]
async fn objects_of_a_list_are_read_one_after_the_other() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    bucket.put("logs/", "");
    bucket.put("logs/1.csv", "a\n1\n2\n");
    bucket.put("logs/2.csv", "");
    bucket.put("logs/3.csv", "b\n3\n");
    bucket.put("other.csv", "c\n4\n");
    let config = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "Transformation": "LOAD_AND_FLATTEN" });
    let parameters = json!({ "Bucket": "b", "Prefix": "logs/" });
    let first = [
        ("S3://b/logs/1.csv", json!({ "a": "1" })),
        ("S3://b/logs/1.csv", json!({ "a": "2" })),
        ("S3://b/logs/3.csv", json!({ "b": "3" })),
    ];
    // One child at a time reads on from each place.
    for more in [json!({}), json!({ "MaxConcurrency": 1 })] {
        let of = ("listObjectsV2", config.clone(), parameters.clone());
        assert_eq!(items(&cloud, of, more).await, expected(&first));
    }
    let mut few = config.clone();
    few["MaxItems"] = json!(2);
    let of = ("listObjectsV2", few, parameters.clone());
    assert_eq!(items(&cloud, of, json!({})).await, expected(&first[..2]));
    let without = json!({ "Transformation": "LOAD_AND_FLATTEN" });
    let of = ("listObjectsV2", without, parameters);
    assert_eq!(items(&cloud, of, json!({})).await, "The ReaderConfig has no InputType.");
}

#[tokio::test]
async fn lists_within_several_objects_are_one_list() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    bucket.put("1.json", r#"{"of": [1, 2]}"#);
    bucket.put("2.json", r#"{"of": [3]}"#);
    let config = json!({ "InputType": "JSON", "ItemsPointer": "/of", "Transformation": "LOAD_AND_FLATTEN" });
    let of = ("listObjectsV2", config, json!({ "Bucket": "b" }));
    let all = [("S3://b/1.json", json!(1)), ("S3://b/1.json", json!(2)), ("S3://b/2.json", json!(3))];
    assert_eq!(items(&cloud, of, json!({ "MaxConcurrency": 1 })).await, expected(&all));
}

#[tokio::test]
async fn what_athena_wrote_is_read_by_its_manifest() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    bucket.put("out/1.gz", packed("{\"a\":1}\n{\"a\":2}\n"));
    bucket.put("out/2.gz", packed("{\"a\":3}\n"));
    bucket.put("q-manifest.csv", "s3://b/out/1.gz\ns3://b/out/2.gz\n");
    let config = json!({ "InputType": "JSONL", "ManifestType": "ATHENA_DATA" });
    let parameters = json!({ "Bucket": "b", "Key": "q-manifest.csv" });
    let all = [
        ("S3://b/out/1.gz", json!({ "a": 1 })),
        ("S3://b/out/1.gz", json!({ "a": 2 })),
        ("S3://b/out/2.gz", json!({ "a": 3 })),
    ];
    for more in [json!({}), json!({ "MaxConcurrency": 1 })] {
        assert_eq!(items(&cloud, ("getObject", config.clone(), parameters.clone()), more).await, expected(&all));
    }
}

#[tokio::test]
async fn compressed_objects_are_read_by_their_names() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    bucket.put("x.csv.gz", packed("a\n1\n2\n"));
    bucket.put("x.csv.zstd", "a\n1\n");
    bucket.put("broken.gz", "a\n1\n");
    let config = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" });
    let read = |key: &str| ("getObject", config.clone(), json!({ "Bucket": "b", "Key": key }));
    let both = [("S3://b/x.csv.gz", json!({ "a": "1" })), ("S3://b/x.csv.gz", json!({ "a": "2" }))];
    assert_eq!(items(&cloud, read("x.csv.gz"), json!({ "MaxConcurrency": 1 })).await, expected(&both));
    let zstd = items(&cloud, read("x.csv.zstd"), json!({})).await;
    assert_eq!(zstd, "Objects that are compressed by ZSTD can't be read.");
    let broken = items(&cloud, read("broken.gz"), json!({})).await;
    assert!(broken.as_str().unwrap().starts_with("A compressed object can't be read: "), "{broken}");
}

#[tokio::test]
async fn a_list_of_objects_is_at_its_bucket_and_the_input_is_data_of_the_state() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    bucket.put("k", "x");
    let listed = items(&cloud, ("listObjectsV2", json!({}), json!({ "Bucket": "b" })), json!({})).await;
    assert_eq!((&listed[0]["at"], &listed[0]["is"]["Key"]), (&json!("S3://b"), &json!("k")));
    let each = json!({ "StartAt": "P", "States": { "P": pass() } });
    let inline = json!({ "Type": "Map", "ItemSelector": told(), "ItemProcessor": each, "End": true });
    let inline = json!({ "StartAt": "M", "States": { "M": inline } });
    for (name, definition) in [("apart", map(json!({ "ItemSelector": told() }), pass())), ("inline", inline)] {
        let machine = cloud.machine(name, &definition).await;
        let came = cloud.output(&cloud.start(&machine, &json!(["a", "b"])).await).await;
        assert_eq!(came, expected(&[("STATE_DATA", json!("a")), ("STATE_DATA", json!("b"))]));
    }
}

/// AWS: an inline one takes lists only.
#[tokio::test]
async fn an_object_of_the_input_is_gone_through_by_its_pairs() {
    let cloud = Cloud::new().await;
    let input = json!({ "of": { "x": 1, "y": [2] } });
    let pairs = json!([{ "Key": "x", "Value": 1 }, { "Key": "y", "Value": [2] }]);
    let plain = cloud.machine("plain", &map(json!({ "ItemsPath": "$.of" }), pass())).await;
    let execution = cloud.start(&plain, &input).await;
    assert_eq!(cloud.output(&execution).await, pairs);
    assert_eq!(cloud.events(&execution).await[2]["MapStateStartedEventDetails"], json!({ "Length": 2 }));
    let told = json!({ "k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value", "n.$": "$$.Map.Item.Index" });
    let chosen = cloud.machine("chosen", &map(json!({ "ItemsPath": "$.of", "ItemSelector": told }), pass())).await;
    let came = cloud.output(&cloud.start(&chosen, &input).await).await;
    assert_eq!(came, json!([{ "k": "x", "v": 1, "n": 0 }, { "k": "y", "v": [2], "n": 1 }]));
    let mut of_jsonata = map(json!({ "Items": "{% $states.input.of %}", "QueryLanguage": "JSONata" }), pass());
    of_jsonata["States"]["M"]["ItemProcessor"]["States"]["P"]["QueryLanguage"] = json!("JSONata");
    let machine = cloud.machine("jsonata", &of_jsonata).await;
    assert_eq!(cloud.output(&cloud.start(&machine, &input).await).await, pairs);
}
