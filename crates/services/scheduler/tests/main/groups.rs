//! Groups and their tags.

use serde_json::{Value, json};

use crate::support::{Cloud, given};

fn arn(name: &str) -> String {
    format!("arn:aws:scheduler:us-east-1:000000000000:schedule-group/{name}")
}

fn names(page: &Value) -> Vec<&str> {
    page["ScheduleGroups"].as_array().unwrap().iter().map(|one| one["Name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn groups_are_made_shown_and_listed() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.ok("CreateScheduleGroup", json!({"Name": "z"})).await, json!({"ScheduleGroupArn": arn("z")}));
    cloud.ok("CreateScheduleGroup", json!({"Name": "a"})).await;
    assert_eq!(cloud.ok("GetScheduleGroup", json!({"Name": "z"})).await["State"], "ACTIVE");
    assert_eq!(cloud.ok("GetScheduleGroup", json!({"Name": "default"})).await["Arn"], arn("default"));
    assert_eq!(names(&cloud.ok("ListScheduleGroups", json!({})).await), ["a", "default", "z"]);
    let first = cloud.ok("ListScheduleGroups", json!({"MaxResults": 1})).await;
    let second = cloud.ok("ListScheduleGroups", json!({"MaxResults": 1, "NextToken": first["NextToken"]})).await;
    let third = cloud.ok("ListScheduleGroups", json!({"MaxResults": 1, "NextToken": second["NextToken"]})).await;
    assert_eq!([names(&first), names(&second), names(&third)], [["a"], ["default"], ["z"]]);
    assert_eq!(third.get("NextToken"), None);
    assert_eq!(names(&cloud.ok("ListScheduleGroups", json!({"NamePrefix": "de"})).await), ["default"]);
    let taken = "ConflictException: Schedule group z already exists.";
    assert_eq!(cloud.refused("CreateScheduleGroup", json!({"Name": "z"})).await, taken);
    assert!(cloud.refused("CreateScheduleGroup", json!({"Name": "default"})).await.starts_with("ConflictException"));
    assert!(cloud.refused("DeleteScheduleGroup", json!({"Name": "default"})).await.starts_with("ValidationException"));
}

#[tokio::test]
async fn schedules_go_with_their_group() {
    let cloud = Cloud::new().await;
    cloud.ok("CreateScheduleGroup", json!({"Name": "g"})).await;
    for number in 0..230 {
        cloud.schedule(&format!("s{number}"), "cron(0 0 1 1 ? *)", json!({"GroupName": "g"})).await;
    }
    cloud.schedule("s", "cron(0 0 1 1 ? *)", json!({})).await;
    cloud.ok("DeleteScheduleGroup", json!({"Name": "g"})).await;
    assert_eq!(cloud.ok("GetScheduleGroup", json!({"Name": "g"})).await["State"], "DELETING");
    let going = cloud.refused("CreateSchedule", given("t", "rate(1 day)", json!({"GroupName": "g"}))).await;
    assert!(going.starts_with("ConflictException"), "{going}");
    cloud.ok("DeleteScheduleGroup", json!({"Name": "g"})).await;
    cloud.advance(1).await;
    let gone = "ResourceNotFoundException: Schedule group g does not exist.";
    assert_eq!(cloud.refused("GetScheduleGroup", json!({"Name": "g"})).await, gone);
    assert_eq!(cloud.rows().await, (1, 1), "the other schedule, and its timer");
    cloud.ok("CreateScheduleGroup", json!({"Name": "g"})).await;
}

#[tokio::test]
async fn groups_have_tags() {
    let cloud = Cloud::new().await;
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    cloud.ok("CreateScheduleGroup", json!({"Name": "g", "Tags": [tag("a", "1")]})).await;
    cloud.ok("TagResource", json!({"ResourceArn": arn("g"), "Tags": [tag("a", "2"), tag("b", "3")]})).await;
    let tags = cloud.ok("ListTagsForResource", json!({"ResourceArn": arn("g")})).await;
    assert_eq!(tags, json!({"Tags": [tag("a", "2"), tag("b", "3")]}));
    cloud.ok("UntagResource", json!({"ResourceArn": arn("g"), "TagKeys": ["a", "b", "c"]})).await;
    assert_eq!(cloud.ok("ListTagsForResource", json!({"ResourceArn": arn("g")})).await, json!({"Tags": []}));
    let gone = "ResourceNotFoundException: Schedule group h does not exist.";
    assert_eq!(cloud.refused("ListTagsForResource", json!({"ResourceArn": arn("h")})).await, gone);
    let most: Vec<_> = (0..51)
        .map(|number| tag(&format!("k{number}"), ""))
        .map(|mut tag| {
            tag["Value"] = "v".into();
            tag
        })
        .collect();
    let refused = cloud.refused("TagResource", json!({"ResourceArn": arn("g"), "Tags": most})).await;
    assert!(refused.starts_with("ServiceQuotaExceededException"), "{refused}");
}
