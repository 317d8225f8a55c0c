//! Who may do what with a bus: callers of other accounts, rules of other accounts, and the platform's services.

use std::sync::Arc;

use serde_json::{Value, json};
use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{
    DeleteRuleInput, DescribeEventBusInput, ListRulesInput, ListTagsForResourceInput, PutEventsInput,
    PutEventsRequestEntry, PutPermissionInput, PutRuleInput, Target,
};
use updraft_kernel::ports::{BusEvent, Sender, TargetEvent};
use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Identity, UnixMillis, Via};

use crate::support::{Cloud, entry, queue, words};

const OWNER: &str = "000000000000";
const OTHER: &str = "111111111111";
const BUS: &str = "arn:aws:events:us-east-1:000000000000:event-bus/default";
const RULE: &str = "arn:aws:events:us-east-1:000000000000:rule/r";

fn caller(cloud: &Cloud, account: &str, action: &'static str) -> Ctx {
    let account = AccountId::parse(account).unwrap();
    let via = Via { action, ..Via::default() };
    let identity = Arc::new(Identity::root(account.clone()));
    Ctx { identity, account, via: Some(Arc::new(via)), ..cloud.world.cx() }
}

async fn say(cloud: &Cloud, statements: &[Value]) {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let input = PutPermissionInput { policy: Some(policy), ..PutPermissionInput::default() };
    cloud.events.put_permission(&caller(cloud, OWNER, "events:PutPermission"), input).await.unwrap();
}

fn statement(effect: &str, principal: Value, action: &str, resource: &str) -> Value {
    json!({ "Effect": effect, "Principal": principal, "Action": action, "Resource": resource })
}

async fn put(cloud: &Cloud, account: &str) -> Result<(), AwsError> {
    let entry = PutEventsRequestEntry { event_bus_name: Some(BUS.into()), ..entry("s", "{}") };
    let input = PutEventsInput { entries: vec![entry], endpoint_id: None };
    let told = cloud.events.put_events(&caller(cloud, account, "events:PutEvents"), input).await;
    cloud.settle().await;
    told.map(drop)
}

fn refused(account: &str, action: &str, arn: &str, why: &str) -> String {
    format!(
        "AccessDeniedException: User: arn:aws:iam::{account}:root is not authorized to perform: {action} on resource: {arn} \
         {why}"
    )
}

const DENIED: &str = "with an explicit deny in a resource-based policy";

fn unsaid(action: &str) -> String {
    format!("because no resource-based policy allows the {action} action")
}

async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    cloud.target(None, "r", queue("q")).await;
    cloud
}

#[tokio::test]
async fn anothers_events_come_where_the_policy_says_so() {
    let cloud = cloud().await;
    put(&cloud, OWNER).await.unwrap();
    assert_eq!(cloud.got("q").len(), 1);
    let put_by_other = refused(OTHER, "events:PutEvents", BUS, &unsaid("events:PutEvents"));
    assert_eq!(words(put(&cloud, OTHER).await), put_by_other);
    assert!(cloud.got("q").is_empty());

    say(&cloud, &[statement("Allow", json!({ "AWS": OTHER }), "events:PutEvents", BUS)]).await;
    put(&cloud, OTHER).await.unwrap();
    let event: Value = serde_json::from_str(&cloud.bodies("q")[0]).unwrap();
    assert_eq!(event["account"], OTHER, "it stays its sender's");
    assert_eq!(words(put(&cloud, "222222222222").await).split(' ').nth(2).unwrap(), "arn:aws:iam::222222222222:root");

    say(&cloud, &[statement("Deny", json!("*"), "events:PutEvents", BUS)]).await;
    assert_eq!(words(put(&cloud, OWNER).await), refused(OWNER, "events:PutEvents", BUS, DENIED));
    let nobody = PutEventsRequestEntry { event_bus_name: Some(BUS.replace("default", "x")), ..entry("s", "{}") };
    let input = PutEventsInput { entries: vec![nobody], endpoint_id: None };
    let told = cloud.events.put_events(&caller(&cloud, OTHER, "events:PutEvents"), input).await;
    let arn = BUS.replace("default", "x");
    assert_eq!(words(told), refused(OTHER, "events:PutEvents", &arn, &unsaid("events:PutEvents")));
}

#[tokio::test]
async fn anothers_rules_are_what_the_policy_says() {
    let cloud = cloud().await;
    let rule = |name: &str| PutRuleInput {
        name: name.into(),
        event_pattern: Some(r#"{"source": ["s"]}"#.into()),
        event_bus_name: Some(BUS.into()),
        ..PutRuleInput::default()
    };
    let other = |action| caller(&cloud, OTHER, action);
    let told = cloud.events.put_rule(&other("events:PutRule"), rule("r")).await;
    assert_eq!(words(told), refused(OTHER, "events:PutRule", RULE, &unsaid("events:PutRule")));
    let list = ListRulesInput { event_bus_name: Some(BUS.into()), ..ListRulesInput::default() };
    let told = cloud.events.list_rules(&other("events:ListRules"), list).await;
    assert_eq!(words(told), refused(OTHER, "events:ListRules", BUS, &unsaid("events:ListRules")));
    let delete =
        || DeleteRuleInput { name: "r".into(), event_bus_name: Some(BUS.into()), ..DeleteRuleInput::default() };
    let told = cloud.events.delete_rule(&other("events:DeleteRule"), delete()).await;
    assert_eq!(words(told), refused(OTHER, "events:DeleteRule", RULE, &unsaid("events:DeleteRule")));
    let describe = || DescribeEventBusInput { name: Some(BUS.into()) };
    let told = cloud.events.describe_event_bus(&other("events:DescribeEventBus"), describe()).await;
    assert!(words(told).starts_with("AccessDeniedException"));
    let tags = ListTagsForResourceInput { resource_arn: RULE.into() };
    let told = cloud.events.list_tags_for_resource(&other("events:ListTagsForResource"), tags).await;
    assert!(words(told).starts_with("AccessDeniedException"));

    let rules = statement("Allow", json!({ "AWS": OTHER }), "events:PutRule", &RULE.replace("/r", "/*"));
    say(&cloud, &[rules]).await;
    cloud.events.put_rule(&other("events:PutRule"), rule("mine")).await.unwrap();
    assert!(cloud.events.delete_rule(&other("events:DeleteRule"), delete()).await.is_err());

    say(&cloud, &[statement("Deny", json!("*"), "events:*", BUS)]).await;
    let own = caller(&cloud, OWNER, "events:DescribeEventBus");
    assert!(cloud.events.describe_event_bus(&own, describe()).await.is_ok(), "its owner can put it right");
}

#[tokio::test]
async fn anothers_rule_sends_to_a_bus_where_the_policy_lets_its_account_in() {
    let cloud = cloud().await;
    let other = |action| caller(&cloud, OTHER, action);
    let rule =
        PutRuleInput { name: "r".into(), event_pattern: Some(r#"{"source": ["s"]}"#.into()), ..Default::default() };
    cloud.events.put_rule(&other("events:PutRule"), rule).await.unwrap();
    let dead_letter_config =
        updraft_api_events::types::DeadLetterConfig { arn: Some(crate::support::queue_arn("dead")) };
    let target =
        Target { id: "b".into(), arn: BUS.into(), dead_letter_config: Some(dead_letter_config), ..Target::default() };
    let input =
        updraft_api_events::types::PutTargetsInput { rule: "r".into(), event_bus_name: None, targets: vec![target] };
    cloud.events.put_targets(&other("events:PutTargets"), input).await.unwrap();
    let send = async || {
        let input = PutEventsInput { entries: vec![entry("s", "{}")], endpoint_id: None };
        cloud.events.put_events(&other("events:PutEvents"), input).await.unwrap();
        cloud.settle().await;
        (cloud.got("q").len(), cloud.got("dead"))
    };
    let (came, dead) = send().await;
    assert_eq!((came, dead.len()), (0, 1));
    let code = &dead[0].attributes["ERROR_CODE"].content;
    assert_eq!(*code, updraft_kernel::ports::AttributeContent::Text("NO_PERMISSIONS".into()));
    say(&cloud, &[statement("Allow", json!({ "AWS": OTHER }), "events:PutEvents", BUS)]).await;
    let (came, dead) = send().await;
    assert_eq!((came, dead.len()), (1, 0));
}

#[tokio::test]
async fn services_come_to_buses_of_their_own_account() {
    let cloud = cloud().await;
    let buses = cloud.events.event_target("http://x");
    let put = async |account: &str| {
        let bucket = Sender::new("s3.amazonaws.com", Arn::parse("arn:aws:s3:::b").unwrap());
        let event = TargetEvent {
            id: format!("{account}-id"),
            target: Arn::parse(BUS).unwrap(),
            sender: bucket.of(AccountId::parse(account).unwrap()),
            body: "{}".into(),
            attributes: Vec::new(),
            detail_type: Some("t".into()),
            object_key: None,
            at: UnixMillis(0),
            trace: None,
        };
        let told = buses.put(event, BusEvent { source: "s".into(), resources: Vec::new() }).await;
        cloud.settle().await;
        told
    };
    put(OWNER).await.unwrap();
    assert_eq!(cloud.got("q").len(), 1);
    assert!(words(put(OTHER).await).ends_with(&unsaid("events:PutEvents")));
    say(&cloud, &[statement("Deny", json!({ "Service": "s3.amazonaws.com" }), "events:PutEvents", BUS)]).await;
    assert!(words(put(OWNER).await).ends_with(DENIED));
    assert!(cloud.got("q").is_empty());
}
