//! Making, showing, changing and listing schedules.

use serde_json::{Value, json};

use crate::support::{Cloud, ROLE, given, target};

#[tokio::test]
async fn a_schedule_is_shown_with_its_defaults() {
    let cloud = Cloud::new().await;
    let made = cloud.schedule("s", "rate(5 minutes)", json!({"State": "DISABLED"})).await;
    assert_eq!(made, json!({"ScheduleArn": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s"}));
    let shown = cloud.ok("GetSchedule", json!({"Name": "s"})).await;
    let expected = json!({
        "Arn": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s",
        "GroupName": "default",
        "Name": "s",
        "ScheduleExpression": "rate(5 minutes)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "DISABLED",
        "CreationDate": shown["CreationDate"],
        "LastModificationDate": shown["CreationDate"],
        "Target": {
            "Arn": "arn:aws:sqs:us-east-1:000000000000:q",
            "RoleArn": ROLE,
            "Input": "<aws.scheduler.scheduled-time>",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
        },
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "NONE",
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn a_name_is_taken_once_unless_it_is_the_same_request() {
    let cloud = Cloud::new().await;
    let token = json!({"ClientToken": "t"});
    let first = cloud.schedule("s", "rate(5 minutes)", token.clone()).await;
    assert_eq!(cloud.schedule("s", "rate(5 minutes)", token.clone()).await, first);
    let taken = "ConflictException: Schedule s already exists.";
    assert_eq!(cloud.refused("CreateSchedule", given("s", "rate(6 minutes)", token)).await, taken);
    let other = json!({"ClientToken": "u"});
    assert_eq!(cloud.refused("CreateSchedule", given("s", "rate(5 minutes)", other)).await, taken);
}

#[tokio::test]
async fn what_cant_be_is_refused_in_words() {
    let cloud = Cloud::new().await;
    let words = async |expression: &str, more| cloud.refused("CreateSchedule", given("s", expression, more)).await;
    let rate = "rate(5 minutes)";
    let cases = [
        ("rate( 5 minutes )", json!({}), "Invalid Schedule Expression rate( 5 minutes )."),
        (rate, json!({"ScheduleExpressionTimezone": "Mars"}), "Invalid Schedule Expression Timezone Mars."),
        (
            rate,
            json!({"StartDate": "2030-03-01T11:54:59Z"}),
            "The StartDate you specify cannot be earlier than 5 minutes ago.",
        ),
        (rate, json!({"EndDate": "2030-03-01T11:59:59Z"}), "The EndDate you specify cannot be in the past."),
        (rate, json!({"Target": target("arn:aws:s3:::b", json!({}))}), "Provided Arn is not in correct format."),
    ];
    for (expression, more, expected) in cases {
        assert_eq!(words(expression, more).await, format!("ValidationException: {expected}"));
    }
    let window = |window: Value| json!({"FlexibleTimeWindow": window});
    assert!(words(rate, window(json!({"Mode": "FLEXIBLE"}))).await.contains("MaximumWindowInMinutes"));
    let off = window(json!({"Mode": "OFF", "MaximumWindowInMinutes": 5}));
    assert!(words(rate, off).await.contains("MaximumWindowInMinutes"));
    let function = target("arn:aws:lambda:us-east-1:000000000000:function:f", json!({"Input": "no JSON"}));
    assert!(words(rate, json!({"Target": function})).await.contains("Invalid RequestJson provided."));
    let reads = target("arn:aws:scheduler:::aws-sdk:sqs:receiveMessage", json!({"Input": "{}"}));
    assert!(words(rate, json!({"Target": reads})).await.contains("only reads"));
    let gone = "ResourceNotFoundException: Schedule group g does not exist.";
    assert_eq!(words(rate, json!({"GroupName": "g"})).await, gone);
    assert_eq!(cloud.rows().await, (0, 0), "nothing of it is kept");
}

#[tokio::test]
async fn an_update_says_all_anew() {
    let cloud = Cloud::new().await;
    cloud.schedule("s", "rate(5 minutes)", json!({"Description": "d", "State": "DISABLED"})).await;
    cloud.ok("UpdateSchedule", given("s", "cron(0 0 * * ? *)", json!({}))).await;
    let shown = cloud.ok("GetSchedule", json!({"Name": "s"})).await;
    assert_eq!([&shown["ScheduleExpression"], &shown["State"]], ["cron(0 0 * * ? *)", "ENABLED"]);
    assert_eq!(shown.get("Description"), None);
    let gone = "ResourceNotFoundException: Schedule t does not exist.";
    assert_eq!(cloud.refused("UpdateSchedule", given("t", "rate(1 day)", json!({}))).await, gone);
    cloud.ok("DeleteSchedule", json!({"Name": "s"})).await;
    assert_eq!(cloud.refused("GetSchedule", json!({"Name": "t"})).await, gone);
    assert_eq!(cloud.refused("DeleteSchedule", json!({"Name": "t"})).await, gone);
    assert_eq!(cloud.rows().await, (0, 0));
}

#[tokio::test]
async fn lists_come_in_pages_and_as_asked_for() {
    let cloud = Cloud::new().await;
    cloud.ok("CreateScheduleGroup", json!({"Name": "g"})).await;
    for name in ["a1", "a2", "a3", "b1"] {
        let state = if name == "a2" { "DISABLED" } else { "ENABLED" };
        cloud.schedule(name, "rate(1 day)", json!({"State": state})).await;
    }
    cloud.schedule("a1", "rate(1 day)", json!({"GroupName": "g"})).await;
    let names = |page: &Value| -> Vec<String> {
        let one = |one: &Value| format!("{}/{}", one["GroupName"].as_str().unwrap(), one["Name"].as_str().unwrap());
        page["Schedules"].as_array().unwrap().iter().map(one).collect()
    };
    let first = cloud.ok("ListSchedules", json!({"MaxResults": 3})).await;
    assert_eq!(names(&first), ["default/a1", "default/a2", "default/a3"]);
    let rest = cloud.ok("ListSchedules", json!({"MaxResults": 2, "NextToken": first["NextToken"]})).await;
    assert_eq!(names(&rest), ["default/b1", "g/a1"]);
    assert_eq!(rest.get("NextToken"), None);
    let asked = json!({"NamePrefix": "a", "State": "ENABLED"});
    assert_eq!(names(&cloud.ok("ListSchedules", asked).await), ["default/a1", "default/a3", "g/a1"]);
    assert_eq!(names(&cloud.ok("ListSchedules", json!({"GroupName": "g"})).await), ["g/a1"]);
    let gone = "ResourceNotFoundException: Schedule group h does not exist.";
    assert_eq!(cloud.refused("ListSchedules", json!({"GroupName": "h"})).await, gone);
    let nonsense = cloud.refused("ListSchedules", json!({"NextToken": "?"})).await;
    assert!(nonsense.starts_with("ValidationException"), "{nonsense}");
}
