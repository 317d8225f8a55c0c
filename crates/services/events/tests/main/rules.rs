//! Rules and their targets, and what is refused.

use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{
    DeleteRuleInput, DescribeRuleInput, InputTransformer, ListRuleNamesByTargetInput, ListRulesInput,
    ListTargetsByRuleInput, PutRuleInput, RemoveTargetsInput, RuleState, SqsParameters, Target, TestEventPatternInput,
};

use crate::support::{Cloud, queue, queue_arn, words};

async fn refused(cloud: &Cloud, input: PutRuleInput) -> String {
    words(cloud.events.put_rule(&cloud.world.cx(), PutRuleInput { name: "r".into(), ..input }).await)
}

#[tokio::test]
async fn a_rule_must_look_for_something_that_can_be() {
    let cloud = Cloud::new();
    let pattern = |text: &str| PutRuleInput { event_pattern: Some(text.into()), ..PutRuleInput::default() };
    let told = refused(&cloud, PutRuleInput::default()).await;
    assert_eq!(told, "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.");
    let told = refused(&cloud, pattern(r#"{"source": "s"}"#)).await;
    assert!(told.starts_with("InvalidEventPatternException: Event pattern is not valid. Reason: "), "{told}");
    let elsewhere = PutRuleInput { event_bus_name: Some("b".into()), ..pattern(r#"{"source": ["s"]}"#) };
    assert_eq!(refused(&cloud, elsewhere).await, "ResourceNotFoundException: Event bus b does not exist.");
}

#[tokio::test]
async fn a_rule_put_again_is_another_with_its_targets_and_tags() {
    let cloud = Cloud::new();
    let arn = cloud.rule(None, "r", "s").await;
    assert_eq!(arn, "arn:aws:events:us-east-1:000000000000:rule/r");
    cloud.target(None, "r", queue("q")).await;
    let input = PutRuleInput {
        name: "r".into(),
        event_pattern: Some(r#"{"source": ["x"]}"#.into()),
        state: Some(RuleState::Disabled),
        ..PutRuleInput::default()
    };
    cloud.events.put_rule(&cloud.world.cx(), input).await.unwrap();
    let input = DescribeRuleInput { name: "r".into(), ..Default::default() };
    let told = cloud.events.describe_rule(&cloud.world.cx(), input).await.unwrap();
    assert_eq!((told.state, told.created_by.as_deref()), (Some(RuleState::Disabled), Some("000000000000")));
    assert_eq!(told.event_pattern.as_deref(), Some(r#"{"source": ["x"]}"#));
    let input = ListTargetsByRuleInput { rule: "r".into(), ..Default::default() };
    let targets = cloud.events.list_targets_by_rule(&cloud.world.cx(), input).await.unwrap().targets.unwrap();
    assert_eq!(targets, [queue("q")]);

    let delete = DeleteRuleInput { name: "r".into(), ..Default::default() };
    let told = words(cloud.events.delete_rule(&cloud.world.cx(), delete.clone()).await);
    assert_eq!(told, "ValidationException: Rule can't be deleted since it has targets.");
    let remove = RemoveTargetsInput { rule: "r".into(), ids: vec!["q".into()], ..Default::default() };
    cloud.events.remove_targets(&cloud.world.cx(), remove).await.unwrap();
    cloud.events.delete_rule(&cloud.world.cx(), delete.clone()).await.unwrap();
    cloud.events.delete_rule(&cloud.world.cx(), delete).await.unwrap();
    let input = DescribeRuleInput { name: "r".into(), ..Default::default() };
    let told = words(cloud.events.describe_rule(&cloud.world.cx(), input).await);
    assert_eq!(told, "ResourceNotFoundException: Rule r does not exist on EventBus default.");
}

#[tokio::test]
async fn rules_are_found_by_name_and_by_what_they_send_to() {
    let cloud = Cloud::new();
    for n in 0..5 {
        cloud.rule(None, &format!("r{n}"), "s").await;
        cloud.target(None, &format!("r{n}"), queue(if n == 3 { "other" } else { "q" })).await;
    }
    let (mut pages, mut next_token) = (Vec::new(), None);
    loop {
        let input = ListRulesInput { limit: Some(2), name_prefix: Some("r".into()), next_token, ..Default::default() };
        let told = cloud.events.list_rules(&cloud.world.cx(), input).await.unwrap();
        pages.push(told.rules.unwrap().len());
        next_token = told.next_token;
        if next_token.is_none() {
            break;
        }
    }
    assert_eq!(pages, [2, 2, 1]);
    let input = ListRuleNamesByTargetInput { target_arn: queue_arn("q"), limit: Some(4), ..Default::default() };
    let told = cloud.events.list_rule_names_by_target(&cloud.world.cx(), input).await.unwrap();
    assert_eq!((told.rule_names.unwrap().join(" ").as_str(), told.next_token), ("r0 r1 r2 r4", None));
}

#[tokio::test]
async fn a_rule_has_five_targets_at_most() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    for n in 0..5 {
        cloud.target(None, "r", queue(&n.to_string())).await;
    }
    cloud.target(None, "r", queue("4")).await;
    let told = words(cloud.try_target(None, "r", queue("5")).await);
    assert_eq!(told, "LimitExceededException: The requested resource exceeds the maximum number allowed.");
}

#[tokio::test]
async fn what_is_no_target_is_told() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    let refused = async |target: Target| words(cloud.try_target(None, "r", target).await);
    let told = refused(queue("q.fifo")).await;
    assert_eq!(told, "ValidationException: Parameter(s) SqsParameters must be specified for target: q.");
    let group = Some(SqsParameters { message_group_id: Some("g".into()) });
    cloud.target(None, "r", Target { sqs_parameters: group, ..queue("q.fifo") }).await;

    let transformer = |template: &str| {
        let paths = Some([("known".to_owned(), "$.detail".to_owned())].into());
        Some(InputTransformer { input_paths_map: paths, input_template: template.into() })
    };
    let told = refused(Target { input_transformer: transformer(r#""<known> <nobody>""#), ..queue("q") }).await;
    assert_eq!(told, "ValidationException: InputTemplate for target q contains invalid placeholder nobody.");
    let both = Target { input: Some("{}".into()), input_path: Some("$".into()), ..queue("q") };
    assert!(refused(both).await.contains("Only one of Input, InputPath, or InputTransformer"));
    assert!(refused(Target { input: Some("{".into()), ..queue("q") }).await.contains("JSON syntax error"));
    assert!(refused(Target { arn: "q".into(), ..queue("q") }).await.contains("Provided Arn is not in correct format"));
    let nowhere = words(cloud.try_target(None, "x", queue("q")).await);
    assert_eq!(nowhere, "ResourceNotFoundException: Rule x does not exist on EventBus default.");
}

#[tokio::test]
async fn patterns_are_tried_out() {
    let cloud = Cloud::new();
    let test = async |pattern: &str, event: &str| {
        let input = TestEventPatternInput { event_pattern: pattern.into(), event: event.into() };
        cloud.events.test_event_pattern(&cloud.world.cx(), input).await.map(|told| told.result)
    };
    assert_eq!(test(r#"{"source": ["s"]}"#, r#"{"source": "s"}"#).await.unwrap(), Some(true));
    assert_eq!(test(r#"{"source": ["s"]}"#, r#"{"source": "x"}"#).await.unwrap(), Some(false));
    for event in ["text", "[1]"] {
        let told = words(test(r#"{"source": ["s"]}"#, event).await);
        assert_eq!(told, "ValidationException: Parameter Event is not valid.");
    }
    assert!(words(test("[]", "{}").await).starts_with("InvalidEventPatternException: "));
}
