//! Runs of distributed maps: what is told of them, what fails and stops them, and where their results go.

use serde_json::{Value, json};

use crate::bucket::Bucket;
use crate::distributed::{map, pass};
use crate::support::{Cloud, text};

/// Fails where the item says so.
fn fails() -> Value {
    json!({
        "StartAt": "C",
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
        "States": {
            "C": { "Type": "Choice", "Choices": [{ "Variable": "$", "StringEquals": "bad", "Next": "F" }], "Default": "W" },
            "F": { "Type": "Fail", "Error": "Bad", "Cause": "so it is" },
            "W": { "Type": "Wait", "Seconds": 60, "End": true },
        },
    })
}

pub(crate) fn failing(more: Value) -> Value {
    let mut definition = map(more, pass());
    definition["States"]["M"]["ItemProcessor"] = fails();
    definition
}

pub(crate) async fn run_of(cloud: &Cloud, execution: &str) -> (String, Value) {
    let listed = cloud.ok("ListMapRuns", json!({ "ExecutionArn": execution })).await;
    let arn = text(&listed["MapRuns"][0], "MapRunArn");
    let said = cloud.ok("DescribeMapRun", json!({ "MapRunArn": arn })).await;
    (arn, said)
}

pub(crate) fn counts(said: &Value, of: &str, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| said[of][*name].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn runs_are_described_and_their_children_listed() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &failing(json!({ "MaxConcurrency": 2, "ToleratedFailureCount": 1 }))).await;
    let execution = cloud.start(&machine, &json!(["a", "bad", "c", "d"])).await;
    cloud.advance(0).await;
    let (arn, said) = run_of(&cloud, &execution).await;
    assert_eq!(counts(&said, "ItemCounts", &["Pending", "Running", "Failed", "Total"]), [1, 2, 1, 4]);
    assert_eq!((&said["Status"], &said["MaxConcurrency"]), (&json!("RUNNING"), &json!(2)));
    assert_eq!(said["ToleratedFailureCount"], 1);
    cloud.advance(60).await;
    cloud.advance(60).await;
    let (_, said) = run_of(&cloud, &execution).await;
    let all = ["Pending", "Running", "Succeeded", "Failed", "TimedOut", "Aborted", "Total", "ResultsWritten"];
    assert_eq!(counts(&said, "ExecutionCounts", &all), [0, 0, 3, 1, 0, 0, 4, 4]);
    assert_eq!((&said["Status"], &said["ExecutionArn"]), (&json!("SUCCEEDED"), &json!(execution)));
    assert_eq!(said["StopDate"], "2030-03-01T12:02:00Z");
    assert_eq!(cloud.output(&execution).await, json!(["a", "c", "d"]));
    let listed = cloud.ok("ListExecutions", json!({ "MapRunArn": arn, "StatusFilter": "FAILED" })).await;
    let child = &listed["Executions"][0];
    assert_eq!((&child["MapRunArn"], &child["ItemCount"]), (&json!(arn), &json!(1)));
    assert_eq!(child["StateMachineArn"], format!("{machine}/L"));
    let child = text(child, "ExecutionArn");
    assert!(child.starts_with("arn:aws:states:us-east-1:000000000000:execution:m/L:"), "{child}");
    let said = cloud.describe(&child).await;
    assert_eq!((&said["Error"], &said["MapRunArn"]), (&json!("Bad"), &json!(arn)));
    assert_eq!(cloud.types(&child).await[1], "ChoiceStateEntered");
    let of_child = cloud.ok("DescribeStateMachineForExecution", json!({ "ExecutionArn": child })).await;
    assert_eq!((&of_child["MapRunArn"], &of_child["Label"]), (&json!(arn), &json!("L")));
    let (mut pages, mut token) = (0, Value::Null);
    loop {
        let page = cloud.ok("ListExecutions", json!({ "MapRunArn": arn, "MaxResults": 3, "NextToken": token })).await;
        pages += page["Executions"].as_array().unwrap().len();
        token = page.get("NextToken").cloned().unwrap_or_default();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(pages, 4);
    let mine = cloud.ok("ListExecutions", json!({ "StateMachineArn": machine })).await;
    assert_eq!(mine["Executions"].as_array().unwrap().len(), 1, "children aren't the state machine's");
}

#[tokio::test]
async fn more_failures_than_are_tolerated_stop_what_runs() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &failing(json!({ "MaxConcurrency": 3 }))).await;
    let execution = cloud.start(&machine, &json!(["a", "b", "bad", "d"])).await;
    cloud.advance(0).await;
    let said = cloud.describe(&execution).await;
    assert_eq!(said["Error"], "States.ExceedToleratedFailureThreshold");
    assert_eq!(said["Cause"], "The specified tolerated failure threshold was exceeded");
    let (_, said) = run_of(&cloud, &execution).await;
    assert_eq!(said["Status"], "FAILED");
    assert_eq!(counts(&said, "ItemCounts", &["Running", "Failed", "Aborted", "Succeeded"]), [0, 1, 2, 0]);
}

#[tokio::test]
async fn shares_of_failures_are_told_at_the_end() {
    let cloud = Cloud::new().await;
    let machine = cloud
        .machine("m", &failing(json!({ "ToleratedFailurePercentagePath": "$.share", "ItemsPath": "$.items" })))
        .await;
    let mut statuses = Vec::new();
    for share in [50, 49] {
        let execution = cloud.start(&machine, &json!({ "share": share, "items": ["bad", "b"] })).await;
        cloud.advance(60).await;
        cloud.advance(0).await;
        statuses.push(text(&cloud.describe(&execution).await, "Status"));
    }
    assert_eq!(statuses, ["SUCCEEDED", "FAILED"]);
}

#[tokio::test]
async fn who_stops_the_execution_stops_the_run_and_its_children() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &failing(json!({ "MaxConcurrency": 2 }))).await;
    let execution = cloud.start(&machine, &json!(["a", "b", "c"])).await;
    cloud.advance(0).await;
    cloud.ok("StopExecution", json!({ "ExecutionArn": execution })).await;
    cloud.advance(0).await;
    let (arn, said) = run_of(&cloud, &execution).await;
    assert_eq!(said["Status"], "ABORTED");
    assert_eq!(counts(&said, "ExecutionCounts", &["Running", "Aborted", "Total"]), [0, 2, 2]);
    let running = cloud.ok("ListExecutions", json!({ "MapRunArn": arn, "StatusFilter": "RUNNING" })).await;
    assert_eq!(running["Executions"], json!([]));
    let over = cloud.refused("UpdateMapRun", json!({ "MapRunArn": arn, "MaxConcurrency": 1 })).await;
    assert!(over.starts_with("ValidationException"), "{over}");
}

#[tokio::test]
async fn a_run_can_be_given_more_room_while_it_goes_on() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &failing(json!({ "MaxConcurrency": 1 }))).await;
    let execution = cloud.start(&machine, &json!(["a", "b", "c"])).await;
    cloud.advance(0).await;
    let (arn, said) = run_of(&cloud, &execution).await;
    assert_eq!(said["ExecutionCounts"]["Running"], 1);
    cloud
        .ok("UpdateMapRun", json!({ "MapRunArn": arn, "MaxConcurrency": 0, "ToleratedFailurePercentage": 10.5 }))
        .await;
    cloud.advance(0).await;
    let (_, said) = run_of(&cloud, &execution).await;
    assert_eq!(said["ExecutionCounts"]["Running"], 3);
    assert_eq!((&said["MaxConcurrency"], &said["ToleratedFailurePercentage"]), (&json!(0), &json!(10.5)));
    let wrong = cloud.refused("DescribeMapRun", json!({ "MapRunArn": format!("{arn}x") })).await;
    assert_eq!(wrong, format!("ResourceNotFound: Map Run Does Not Exist: '{arn}x'"));
    assert!(cloud.refused("DescribeMapRun", json!({ "MapRunArn": "x" })).await.starts_with("InvalidArn"));
}

#[tokio::test]
async fn results_are_written_into_files() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    let parameters = json!({ "Bucket": "b", "Prefix": "out/" });
    let writer = json!({ "Resource": "arn:aws:states:::s3:putObject", "Parameters": parameters });
    let machine = cloud.machine("m", &failing(json!({ "ResultWriter": writer, "ToleratedFailureCount": 1 }))).await;
    let execution = cloud.start(&machine, &json!(["a", "bad"])).await;
    cloud.advance(60).await;
    let output = cloud.output(&execution).await;
    let (arn, _) = run_of(&cloud, &execution).await;
    let folder = format!("out/{}", arn.rsplit(':').next().unwrap());
    let details = json!({ "Bucket": "b", "Key": format!("{folder}/manifest.json") });
    assert_eq!(output, json!({ "MapRunArn": arn, "ResultWriterDetails": details }));
    let manifest = bucket.json(&format!("{folder}/manifest.json"));
    assert_eq!((&manifest["DestinationBucket"], &manifest["MapRunArn"]), (&json!("b"), &json!(arn)));
    let files = &manifest["ResultFiles"];
    let size = bucket.objects.lock()[&format!("{folder}/SUCCEEDED_0.json")].len();
    assert_eq!(files["SUCCEEDED"], json!([{ "Key": format!("{folder}/SUCCEEDED_0.json"), "Size": size }]));
    assert_eq!((files["FAILED"].as_array().unwrap().len(), &files["PENDING"]), (1, &json!([])));
    let failed = bucket.json(&format!("{folder}/FAILED_0.json"));
    let (status, error, input) = (&failed[0]["Status"], &failed[0]["Error"], &failed[0]["Input"]);
    assert_eq!((status, error, input), (&json!("FAILED"), &json!("Bad"), &json!("\"bad\"")));
    let well = bucket.json(&format!("{folder}/SUCCEEDED_0.json"));
    assert_eq!((&well[0]["Output"], &well[0]["StopDate"]), (&json!("\"a\""), &json!("2030-03-01T12:01:00.000Z")));
}

#[tokio::test]
async fn what_was_never_begun_is_in_a_file_of_its_own() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    let writer = json!({ "Resource": "arn:aws:states:::s3:putObject", "Parameters": { "Bucket": "b" } });
    let fields = json!({ "ResultWriter": writer, "MaxConcurrency": 1, "ItemBatcher": { "MaxItemsPerBatch": 2 } });
    let fail = json!({ "Type": "Fail", "Error": "Bad" });
    let machine = cloud.machine("m", &map(fields, fail)).await;
    let execution = cloud.start(&machine, &json!([1, 2, 3, 4, 5])).await;
    cloud.advance(0).await;
    assert_eq!(cloud.describe(&execution).await["Error"], "States.ExceedToleratedFailureThreshold");
    let (arn, _) = run_of(&cloud, &execution).await;
    let folder = arn.rsplit(':').next().unwrap().to_owned();
    let files = bucket.json(&format!("{folder}/manifest.json"))["ResultFiles"].clone();
    let key = format!("{folder}/PENDING_0.json");
    assert_eq!(files["PENDING"], json!([{ "Key": key, "Size": bucket.objects.lock()[&key].len() }]));
    let pending = |items: &str| json!({ "Input": items, "InputDetails": { "Included": true }, "Status": "PENDING" });
    assert_eq!(bucket.json(&key), json!([pending("{\"Items\":[3,4]}"), pending("{\"Items\":[5]}")]));
}

#[tokio::test]
async fn results_have_the_form_that_is_asked_for() {
    let cloud = Cloud::new().await;
    let bucket = Bucket::of(&cloud);
    let flat = json!({ "WriterConfig": { "Transformation": "FLATTEN", "OutputType": "JSON" } });
    let machine = cloud.machine("flat", &map(json!({ "ResultWriter": flat }), pass())).await;
    assert_eq!(cloud.output(&cloud.start(&machine, &json!([[1, 2], 3])).await).await, json!([1, 2, 3]));
    let config = json!({ "Transformation": "COMPACT", "OutputType": "JSONL" });
    let parameters = json!({ "Bucket": "b" });
    let writer =
        json!({ "Resource": "arn:aws:states:::s3:putObject", "WriterConfig": config, "Parameters": parameters });
    let machine = cloud.machine("lines", &map(json!({ "ResultWriter": writer }), pass())).await;
    let output = cloud.output(&cloud.start(&machine, &json!([1, 2])).await).await;
    let key = text(&output["ResultWriterDetails"], "Key").replace("manifest.json", "SUCCEEDED_0.jsonl");
    assert_eq!(bucket.objects.lock()[&key], b"1\n2\n");
}

#[tokio::test]
async fn a_map_within_a_child_has_children_of_its_own() {
    let cloud = Cloud::new().await;
    let inner = map(json!({ "Label": "I" }), json!({ "Type": "Pass", "End": true, "Parameters": { "x.$": "$" } }));
    let mut inner = inner["States"]["M"].clone();
    let last = inner["ItemProcessor"]["States"]["P"].take();
    inner["ItemProcessor"]["StartAt"] = json!("Q");
    inner["ItemProcessor"]["States"] = json!({ "Q": last });
    let machine = cloud.machine("m", &map(json!({}), inner)).await;
    let execution = cloud.start(&machine, &json!([[1], [2, 3]])).await;
    assert_eq!(cloud.output(&execution).await, json!([[{ "x": 1 }], [{ "x": 2 }, { "x": 3 }]]));
}

#[tokio::test]
async fn labels_are_of_some_characters_and_a_map_without_one_is_given_one() {
    let cloud = Cloud::new().await;
    for label in ["a b", "a]", "a\u{82}", &"x".repeat(41)] {
        let definition = map(json!({ "Label": label }), pass()).to_string();
        let made = json!({ "Name": "x", "Definition": definition, "RoleArn": crate::support::ROLE });
        assert!(cloud.refused("CreateStateMachine", made).await.starts_with("InvalidDefinition"), "{label}");
    }
    let mut definition = map(json!({}), pass());
    definition["States"]["M"].as_object_mut().unwrap().remove("Label");
    let machine = cloud.machine("m", &definition).await;
    let mut labels = Vec::new();
    for _ in 0..2 {
        let execution = cloud.start(&machine, &json!([1])).await;
        cloud.advance(0).await;
        let (arn, _) = run_of(&cloud, &execution).await;
        labels.push(arn.rsplit_once(':').unwrap().0.to_owned());
    }
    assert_eq!(labels[0], labels[1]);
    assert_eq!(labels[0].rsplit('/').next().unwrap().len(), 36);
}
