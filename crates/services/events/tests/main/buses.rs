//! Buses, their policies and tags.

use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{
    Condition, CreateEventBusInput, DeleteEventBusInput, DescribeEventBusInput, ListEventBusesInput,
    ListTagsForResourceInput, PutPermissionInput, RemovePermissionInput, Tag, TagResourceInput, UntagResourceInput,
};

use crate::support::{Cloud, words};

async fn create(cloud: &Cloud, name: &str) -> Result<String, updraft_kernel::AwsError> {
    let input = CreateEventBusInput { name: name.into(), ..CreateEventBusInput::default() };
    Ok(cloud.events.create_event_bus(&cloud.world.cx(), input).await?.event_bus_arn.unwrap())
}

async fn policy(cloud: &Cloud) -> Option<serde_json::Value> {
    let told = cloud.events.describe_event_bus(&cloud.world.cx(), DescribeEventBusInput::default()).await.unwrap();
    told.policy.map(|text| serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn a_bus_is_made_shown_and_deleted() {
    let (cloud, cx) = (Cloud::new(), Cloud::new().world.cx());
    assert_eq!(create(&cloud, "b").await.unwrap(), "arn:aws:events:us-east-1:000000000000:event-bus/b");
    let again = words(create(&cloud, "b").await);
    assert_eq!(again, "ResourceAlreadyExistsException: Event bus b already exists.");
    let default = words(create(&cloud, "default").await);
    assert_eq!(default, "ResourceAlreadyExistsException: Event bus default already exists.");

    cloud.rule(Some("b"), "r", "s").await;
    let delete = |name: &str| cloud.events.delete_event_bus(&cx, DeleteEventBusInput { name: name.into() });
    assert_eq!(words(delete("b").await), "ValidationException: EventBus can't be deleted since it has rules.");
    let rule = updraft_api_events::types::DeleteRuleInput {
        name: "r".into(),
        event_bus_name: Some("b".into()),
        ..Default::default()
    };
    cloud.events.delete_rule(&cx, rule).await.unwrap();
    delete("b").await.unwrap();
    assert_eq!(words(delete("b").await), "ResourceNotFoundException: Event bus b does not exist.");
    assert_eq!(words(delete("default").await), "ValidationException: Cannot delete event bus default.");
}

#[tokio::test]
async fn buses_are_listed_by_name_with_the_default_one_among_them() {
    let cloud = Cloud::new();
    for name in ["a", "z", "d"] {
        create(&cloud, name).await.unwrap();
    }
    let (mut names, mut next_token) = (Vec::new(), None);
    loop {
        let input = ListEventBusesInput { limit: Some(2), next_token, ..Default::default() };
        let told = cloud.events.list_event_buses(&cloud.world.cx(), input).await.unwrap();
        names.extend(told.event_buses.unwrap().into_iter().map(|bus| bus.name.unwrap()));
        next_token = told.next_token;
        if next_token.is_none() {
            break;
        }
    }
    assert_eq!(names, ["a", "d", "default", "z"]);
    let input = ListEventBusesInput { name_prefix: Some("de".into()), ..Default::default() };
    let told = cloud.events.list_event_buses(&cloud.world.cx(), input).await.unwrap();
    assert_eq!(told.event_buses.unwrap().len(), 1);
}

#[tokio::test]
async fn statements_come_and_go() {
    let (cloud, cx) = (Cloud::new(), Cloud::new().world.cx());
    let put = |id: &str, principal: &str, condition| PutPermissionInput {
        statement_id: Some(id.into()),
        action: Some("events:PutEvents".into()),
        principal: Some(principal.into()),
        condition,
        ..PutPermissionInput::default()
    };
    let remove = |id: &str| RemovePermissionInput { statement_id: Some(id.into()), ..Default::default() };
    let nothing = words(cloud.events.remove_permission(&cx, remove("s")).await);
    assert_eq!(nothing, "ResourceNotFoundException: EventBus does not have a policy.");

    cloud.events.put_permission(&cx, put("s", "111111111111", None)).await.unwrap();
    let org = Condition { r#type: "StringEquals".into(), key: "aws:PrincipalOrgID".into(), value: "o".into() };
    cloud.events.put_permission(&cx, put("all", "*", Some(org))).await.unwrap();
    let told = policy(&cloud).await.unwrap();
    assert_eq!(told["Version"], "2012-10-17");
    assert_eq!(told["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::111111111111:root");
    assert_eq!(told["Statement"][0]["Resource"], "arn:aws:events:us-east-1:000000000000:event-bus/default");
    assert_eq!(told["Statement"][1]["Principal"], "*");
    assert_eq!(told["Statement"][1]["Condition"]["StringEquals"]["aws:PrincipalOrgID"], "o");

    let missing = words(cloud.events.remove_permission(&cx, remove("x")).await);
    assert_eq!(missing, "ResourceNotFoundException: Statement with the provided id does not exist.");
    cloud.events.remove_permission(&cx, remove("s")).await.unwrap();
    cloud.events.remove_permission(&cx, remove("all")).await.unwrap();
    assert_eq!(policy(&cloud).await, None);
}

#[tokio::test]
async fn buses_and_rules_have_tags() {
    let (cloud, cx) = (Cloud::new(), Cloud::new().world.cx());
    let rule = cloud.rule(None, "r", "s").await;
    for arn in [rule, "arn:aws:events:us-east-1:000000000000:event-bus/default".to_owned()] {
        let tags = [("a", "1"), ("b", "2")].map(|(key, value)| Tag { key: key.into(), value: value.into() }).into();
        cloud.events.tag_resource(&cx, TagResourceInput { resource_arn: arn.clone(), tags }).await.unwrap();
        let untag = UntagResourceInput { resource_arn: arn.clone(), tag_keys: vec!["a".into(), "x".into()] };
        cloud.events.untag_resource(&cx, untag).await.unwrap();
        let told = cloud.events.list_tags_for_resource(&cx, ListTagsForResourceInput { resource_arn: arn }).await;
        let told: Vec<_> = told.unwrap().tags.unwrap().into_iter().map(|tag| (tag.key, tag.value)).collect();
        assert_eq!(told, [("b".to_owned(), "2".to_owned())]);
    }
    let nobody = ListTagsForResourceInput { resource_arn: "arn:aws:events:us-east-1:000000000000:rule/x".into() };
    let told = words(cloud.events.list_tags_for_resource(&cx, nobody).await);
    assert_eq!(told, "ResourceNotFoundException: Rule x does not exist on EventBus default.");
}
