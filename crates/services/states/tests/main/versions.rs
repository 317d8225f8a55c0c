//! Versions and aliases.

use serde_json::{Value, json};

use crate::named::{Cloud, gives, made};

/// A machine with versions 1 and 2, whose executions give their number.
async fn two_versions(cloud: &Cloud) -> String {
    let machine = cloud.machine("m", &gives(&json!(1)), json!({"publish": true})).await;
    let second = json!({"stateMachineArn": machine, "definition": gives(&json!(2)).to_string(), "publish": true});
    cloud.ok("UpdateStateMachine", second).await;
    machine
}

fn routes(machine: &str, weights: &[(u64, u32)]) -> Value {
    let route = |(version, weight): &(u64, u32)| json!({"stateMachineVersionArn": format!("{machine}:{version}"), "weight": weight});
    weights.iter().map(route).collect()
}

async fn output(cloud: &Cloud, by: &str) -> Value {
    let execution = cloud.start(by, &json!({})).await;
    cloud.describe(&execution).await["output"].clone()
}

#[tokio::test]
async fn a_version_stays_as_it_was_published() {
    let cloud = Cloud::new().await;
    let machine = two_versions(&cloud).await;
    let third = json!({"stateMachineArn": machine, "definition": gives(&json!(3)).to_string()});
    let revision = cloud.ok("UpdateStateMachine", third).await["revisionId"].clone();
    let given = [output(&cloud, &format!("{machine}:1")).await, output(&cloud, &format!("{machine}:2")).await];
    assert_eq!((given, output(&cloud, &machine).await), ([json!("1"), json!("2")], json!("3")));
    let other = json!({"stateMachineArn": machine, "revisionId": "INITIAL"});
    let refused = cloud.refused("PublishStateMachineVersion", other).await;
    assert!(refused.starts_with("ConflictException: "), "{refused}");
    let published = json!({"stateMachineArn": machine, "revisionId": revision, "description": "third"});
    let arn = cloud.ok("PublishStateMachineVersion", published).await["stateMachineVersionArn"].clone();
    assert_eq!(arn, format!("{machine}:3"));
    let said = cloud.ok("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_eq!((&said["description"], &said["revisionId"]), (&json!("third"), &revision));
    let refused = cloud.refused("StartExecution", json!({"stateMachineArn": format!("{machine}:4")})).await;
    assert_eq!(refused, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{machine}:4'"));
}

#[tokio::test]
async fn what_changes_nothing_makes_no_revision_and_no_version() {
    let cloud = Cloud::new().await;
    let machine = two_versions(&cloud).await;
    let same = json!({"stateMachineArn": machine, "definition": gives(&json!(2)).to_string(), "publish": true});
    let before = cloud.ok("DescribeStateMachine", json!({"stateMachineArn": machine})).await["revisionId"].clone();
    let said = cloud.ok("UpdateStateMachine", same).await;
    assert_eq!((&said["revisionId"], &said["stateMachineVersionArn"]), (&before, &json!(format!("{machine}:2"))));
    let traced = json!({"stateMachineArn": machine, "tracingConfiguration": {"enabled": true}});
    assert_ne!(cloud.ok("UpdateStateMachine", traced).await["revisionId"], before);
}

#[tokio::test]
async fn numbers_of_deleted_versions_arent_given_again() {
    let cloud = Cloud::new().await;
    let machine = two_versions(&cloud).await;
    cloud.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": format!("{machine}:2")})).await;
    let published = cloud.ok("PublishStateMachineVersion", json!({"stateMachineArn": machine})).await;
    assert_eq!(published["stateMachineVersionArn"], format!("{machine}:3"));
    cloud.ok("DeleteStateMachine", json!({"stateMachineArn": machine})).await;
    let listed = cloud.ok("ListStateMachineVersions", json!({"stateMachineArn": machine})).await;
    assert_eq!(listed["stateMachineVersions"], json!([]));
    let again = cloud.ok("CreateStateMachine", made("m", &gives(&json!(9)), json!({"publish": true}))).await;
    assert_eq!(again["stateMachineVersionArn"], format!("{machine}:1"));
    let said = cloud.ok("DescribeStateMachine", json!({"stateMachineArn": machine})).await;
    assert_eq!(said.get("revisionId"), None);
}

#[tokio::test]
async fn a_running_execution_keeps_its_definition_when_another_machine_takes_the_name() {
    let cloud = Cloud::new().await;
    let waits = json!({"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 60, "Next": "A"}, "A": {"Type": "Pass", "Result": "old", "End": true},
    }});
    let machine = cloud.machine("m", &waits, json!({})).await;
    let execution = cloud.start(&machine, &json!({})).await;
    cloud.ok("DeleteStateMachine", json!({"stateMachineArn": machine})).await;
    cloud.machine("m", &gives(&json!("new")), json!({})).await;
    cloud.advance(std::time::Duration::from_secs(60)).await;
    assert_eq!(cloud.describe(&execution).await["output"], "\"old\"");
}

#[tokio::test]
async fn an_alias_shares_executions_out_and_is_told_of_them() {
    let cloud = Cloud::new().await;
    let machine = two_versions(&cloud).await;
    let alias = json!({"name": "live", "routingConfiguration": routes(&machine, &[(1, 50), (2, 50)])});
    let arn = cloud.ok("CreateStateMachineAlias", alias).await["stateMachineAliasArn"].clone();
    let arn = arn.as_str().unwrap();
    let mut seen = [0, 0];
    for _ in 0..40 {
        let execution = cloud.start(arn, &json!({})).await;
        let said = cloud.describe(&execution).await;
        let n = said["output"].as_str().unwrap().parse::<usize>().unwrap();
        seen[n - 1] += 1;
        assert_eq!(said["stateMachineAliasArn"], arn);
        assert_eq!(said["stateMachineVersionArn"], format!("{machine}:{n}"));
        assert_eq!(said["stateMachineArn"], machine);
    }
    assert!(seen.iter().all(|n| *n > 5), "{seen:?}");
    cloud.start(&machine, &json!({})).await;
    let count = |by: String| {
        let cloud = &cloud;
        async move {
            let listed = cloud.ok("ListExecutions", json!({"stateMachineArn": by})).await;
            listed["executions"].as_array().unwrap().len()
        }
    };
    assert_eq!(count(machine.clone()).await, 41);
    assert_eq!(count(arn.to_owned()).await, 40);
    assert_eq!(count(format!("{machine}:1")).await, seen[0]);
    let all = routes(&machine, &[(2, 100)]);
    cloud.ok("UpdateStateMachineAlias", json!({"stateMachineAliasArn": arn, "routingConfiguration": all})).await;
    assert_eq!(output(&cloud, arn).await, "2");
    cloud.ok("DeleteStateMachineAlias", json!({"stateMachineAliasArn": arn})).await;
    let refused = cloud.refused("StartExecution", json!({"stateMachineArn": arn})).await;
    assert!(refused.starts_with("StateMachineDoesNotExist: "), "{refused}");
}

#[tokio::test]
async fn a_nested_execution_may_be_of_a_version() {
    let cloud = Cloud::new().await;
    let machine = two_versions(&cloud).await;
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": {"StateMachineArn": format!("{machine}:1")}, "OutputPath": "$.Output",
    });
    let outer = cloud.machine("outer", &crate::named::only(&task), json!({})).await;
    let execution = cloud.start(&outer, &json!({})).await;
    cloud.advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(cloud.describe(&execution).await["output"], "1");
}
