//! Resource policies (recorded: `TestLambdaPermissions`).

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{AddPermissionInput, GetPolicyInput, PublishVersionInput, RemovePermissionInput};
use updraft_kernel::ports::{FunctionPort, InvocationType, InvokeRequest, Sender, TargetEvent};
use updraft_kernel::{AccountId, Arn, AwsError};
use updraft_lambda::Settings;

use crate::support::{ARN, Platform, check, platform, refused};

fn permission(function: &str, sid: &str) -> AddPermissionInput {
    AddPermissionInput {
        function_name: function.into(),
        statement_id: sid.into(),
        action: "lambda:InvokeFunction".into(),
        principal: "s3.amazonaws.com".into(),
        source_arn: Some("arn:aws:s3:::bucket".into()),
        ..AddPermissionInput::default()
    }
}

fn removal(function: &str, sid: &str) -> RemovePermissionInput {
    RemovePermissionInput {
        function_name: function.into(),
        statement_id: sid.into(),
        ..RemovePermissionInput::default()
    }
}

async fn policy(platform: &Platform, function: &str) -> Result<(String, String), AwsError> {
    let input = GetPolicyInput { function_name: function.into(), qualifier: None };
    let answer = platform.lambda.get_policy(&platform.cx(), input).await?;
    Ok((answer.policy.unwrap(), answer.revision_id.unwrap()))
}

fn statement(sid: &str, resource: &str) -> String {
    format!(
        r#"{{"Sid":"{sid}","Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{ARN}{resource}","Condition":{{"ArnLike":{{"AWS:SourceArn":"arn:aws:s3:::bucket"}}}}}}"#
    )
}

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{}]}}"#, statements.join(","))
}

#[tokio::test]
async fn a_policy_grows_and_shrinks_by_statements() {
    let platform = Platform::new();
    platform.create("f").await;
    let added = platform.lambda.add_permission(&platform.cx(), permission("f", "one")).await.unwrap();
    assert_eq!(added.statement, Some(statement("one", "f")));
    let (text, first) = policy(&platform, "f").await.unwrap();
    assert_eq!(text, document(&[statement("one", "f")]));
    assert_eq!(platform.get("f").await.unwrap().revision_id, Some(first.clone()), "they share a revision");

    platform.lambda.add_permission(&platform.cx(), permission("f", "two")).await.unwrap();
    let (text, second) = policy(&platform, "f").await.unwrap();
    assert_eq!(text, document(&[statement("one", "f"), statement("two", "f")]));
    assert_ne!(first, second);
    platform.lambda.remove_permission(&platform.cx(), removal("f", "one")).await.unwrap();
    assert_eq!(policy(&platform, "f").await.unwrap().0, document(&[statement("two", "f")]));
    platform.lambda.remove_permission(&platform.cx(), removal("f", "two")).await.unwrap();
    let none = "The resource you requested does not exist.";
    check(policy(&platform, "f").await, "ResourceNotFoundException", none);
    platform.stop().await;
}

#[tokio::test]
async fn a_version_has_its_own_policy() {
    let platform = Platform::new();
    platform.create("f").await;
    let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    platform.lambda.publish_version(&platform.cx(), publish).await.unwrap();
    platform.lambda.add_permission(&platform.cx(), permission("f:1", "one")).await.unwrap();
    assert_eq!(policy(&platform, "f:1").await.unwrap().0, document(&[statement("one", "f:1")]));
    assert!(policy(&platform, "f").await.is_err());
    platform.stop().await;
}

#[tokio::test]
async fn every_mistake_has_its_error() {
    let platform = Platform::new();
    platform.create("f").await;
    let add =
        |input: AddPermissionInput| async { refused(platform.lambda.add_permission(&platform.cx(), input).await).1 };
    let remove = |input: RemovePermissionInput| async {
        refused(platform.lambda.remove_permission(&platform.cx(), input).await).1
    };
    assert_eq!(add(permission("doesnotexist", "s")).await, format!("Function not found: {ARN}doesnotexist"));
    assert_eq!(add(permission("f:42", "s")).await, format!("Function not found: {ARN}f:42"));
    assert_eq!(add(permission("f:live", "s")).await, format!("Cannot find alias arn: {ARN}f:live"));
    assert_eq!(add(permission("f:a-$-b", "s")).await, format!("Function not found: {ARN}f:a-$-b"));
    assert_eq!(add(permission("f:$LATEST", "s")).await, "We currently do not support adding policies for $LATEST.");
    let principal = AddPermissionInput { principal: "invalid.nonaws.com".into(), ..permission("f", "s") };
    assert_eq!(add(principal).await, "The provided principal was invalid. Please check the principal and try again.");
    assert_eq!(remove(removal("doesnotexist", "s")).await, format!("No policy found for: {ARN}doesnotexist"));
    assert_eq!(remove(removal("f:live", "s")).await, format!("Cannot find alias arn: {ARN}f:live"));
    assert_eq!(remove(removal("f", "s")).await, "No policy is associated with the given resource.");
    platform.lambda.add_permission(&platform.cx(), permission("f", "s")).await.unwrap();
    assert!(add(permission("f", "s")).await.starts_with("The statement id (s) provided already exists."));
    assert_eq!(remove(removal("f", "t")).await, "Statement t is not found in resource policy.");
    platform.stop().await;
}

#[tokio::test]
async fn a_revision_guards_the_policy() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.lambda.add_permission(&platform.cx(), permission("f", "one")).await.unwrap();
    let with = |revision: String| AddPermissionInput { revision_id: Some(revision), ..permission("f", "two") };
    let stale = platform.lambda.add_permission(&platform.cx(), with("wrong".into())).await;
    assert_eq!(refused(stale).0, "PreconditionFailedException");
    let current = policy(&platform, "f").await.unwrap().1;
    platform.lambda.add_permission(&platform.cx(), with(current.clone())).await.unwrap();
    let stale = RemovePermissionInput { revision_id: Some(current), ..removal("f", "two") };
    assert_eq!(
        refused(platform.lambda.remove_permission(&platform.cx(), stale).await).0,
        "PreconditionFailedException"
    );
    platform.stop().await;
}

async fn call(platform: &Platform, bucket: &str) -> Result<u16, AwsError> {
    let request = InvokeRequest {
        function: Arn::parse(&format!("{ARN}f")).unwrap(),
        kind: InvocationType::RequestResponse,
        payload: "{}".into(),
        client_context: None,
        tail: false,
        source: Some(("s3.amazonaws.com", Arn::parse(bucket).unwrap())),
    };
    FunctionPort::invoke(&*platform.lambda, &platform.cx(), request).await.map(|outcome| outcome.status)
}

#[tokio::test]
async fn a_service_needs_a_permission_where_that_is_enforced() {
    let strict = platform(Settings { enforce_resource_policy: true, ..Settings::default() });
    strict.create("f").await;
    assert_eq!(refused(call(&strict, "arn:aws:s3:::bucket").await).0, "AccessDeniedException");
    strict.lambda.add_permission(&strict.cx(), permission("f", "one")).await.unwrap();
    assert_eq!(call(&strict, "arn:aws:s3:::bucket").await.unwrap(), 200);
    assert_eq!(refused(call(&strict, "arn:aws:s3:::another").await).0, "AccessDeniedException");
    strict.stop().await;

    let open = Platform::new();
    open.create("f").await;
    assert_eq!(call(&open, "arn:aws:s3:::bucket").await.unwrap(), 200);
    let elsewhere = "arn:aws:sns:us-east-1:111111111111:t";
    assert_eq!(refused(call(&open, elsewhere).await).0, "AccessDeniedException", "what is another's needs one always");
    open.stop().await;
}

#[tokio::test]
async fn who_sends_events_to_a_function_is_asked_about_too() {
    let bucket = |account: &str| {
        let sender = Sender::new("s3.amazonaws.com", Arn::parse("arn:aws:s3:::bucket").unwrap());
        sender.of(AccountId::parse(account).unwrap())
    };
    let target = Arn::parse(&format!("{ARN}f")).unwrap();
    let event = |sender: &Sender| TargetEvent {
        id: "00000000-0000-4000-8000-000000000001".to_owned(),
        target: target.clone(),
        sender: sender.clone(),
        body: "{}".into(),
        attributes: Vec::new(),
        detail_type: None,
        object_key: None,
        at: updraft_kernel::UnixMillis(0),
        trace: None,
    };
    let open = Platform::new();
    let strict = platform(Settings { enforce_resource_policy: true, ..Settings::default() });
    assert!(!open.lambda.event_target().admits(&bucket("000000000000"), &target).await.unwrap(), "it isn't there");
    open.create("f").await;
    strict.create("f").await;
    let schedule = Sender::new("scheduler.amazonaws.com", Arn::parse("arn:aws:scheduler:r:000000000000:s").unwrap());
    let schedule = schedule.acting_as(Some("arn:aws:iam::000000000000:role/r"));
    for (at, sender, expected) in [
        (&open, bucket("000000000000"), true),
        (&open, bucket("111111111111"), false),
        (&strict, bucket("000000000000"), false),
        (&strict, schedule, true),
    ] {
        let port = at.lambda.event_target();
        assert_eq!(port.send(event(&sender)).await.is_ok(), expected, "{sender:?}");
        assert_eq!(port.admits(&sender, &target).await.unwrap(), expected, "{sender:?}");
    }
    strict.lambda.add_permission(&strict.cx(), permission("f", "one")).await.unwrap();
    assert!(strict.lambda.event_target().send(event(&bucket("000000000000"))).await.is_ok());
    open.stop().await;
    strict.stop().await;
}
