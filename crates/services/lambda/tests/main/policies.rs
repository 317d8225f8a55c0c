//! Resource policies written at once, beside statements added one by one.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    AddPermissionInput, DeleteFunctionInput, DeleteResourcePolicyInput, GetPolicyInput, GetResourcePolicyInput,
    PutResourcePolicyInput, PutResourcePolicyOutput, RemovePermissionInput,
};
use updraft_kernel::ports::{FunctionPort, InvocationType, InvokeRequest};
use updraft_kernel::{Arn, AwsError};
use updraft_lambda::Settings;

use crate::support::{ARN, Platform, check, platform, refused};

const NOTHING: &str = "The resource you requested does not exist.";

fn statement(sid: &str, effect: &str, principal: &str) -> String {
    format!(
        r#"{{"Sid":"{sid}","Effect":"{effect}","Principal":{principal},"Action":"lambda:InvokeFunction","Resource":"{ARN}f"}}"#
    )
}

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Id":"mine","Statement":[{}]}}"#, statements.join(","))
}

async fn put(platform: &Platform, policy: &str, revision: Option<&str>) -> Result<PutResourcePolicyOutput, AwsError> {
    let input = PutResourcePolicyInput {
        resource_arn: format!("{ARN}f"),
        policy: policy.into(),
        revision_id: revision.map(str::to_owned),
    };
    platform.lambda.put_resource_policy(&platform.cx(), input).await
}

async fn get(platform: &Platform, resource: &str) -> Result<(String, String), AwsError> {
    let input = GetResourcePolicyInput { resource_arn: resource.into() };
    let found = platform.lambda.get_resource_policy(&platform.cx(), input).await?;
    Ok((found.policy.unwrap(), found.revision_id.unwrap()))
}

async fn add(platform: &Platform, sid: &str) -> Result<(), AwsError> {
    let input = AddPermissionInput {
        function_name: "f".into(),
        statement_id: sid.into(),
        action: "lambda:InvokeFunction".into(),
        principal: "s3.amazonaws.com".into(),
        ..AddPermissionInput::default()
    };
    platform.lambda.add_permission(&platform.cx(), input).await.map(drop)
}

#[tokio::test]
async fn a_policy_is_replaced_as_a_whole() {
    let platform = Platform::new();
    platform.create("f").await;
    let arn = format!("{ARN}f");
    check(get(&platform, &arn).await, "ResourceNotFoundException", NOTHING);
    add(&platform, "granted").await.unwrap();
    let (_, first) = get(&platform, &arn).await.unwrap();
    let written = document(&[statement("one", "Allow", r#""*""#)]);
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetResourcePolicy API to retrieve the latest Revision Id";
    check(put(&platform, &written, Some("wrong")).await, "PreconditionFailedException", stale);
    let done = put(&platform, &written, Some(&first)).await.unwrap();
    assert_eq!(done.policy.as_deref(), Some(written.as_str()), "what was granted is gone");
    assert_eq!(get(&platform, &arn).await.unwrap(), (written, done.revision_id.clone().unwrap()));
    assert_eq!(platform.get("f").await.unwrap().revision_id, done.revision_id, "they share a revision");

    // Statements may still be added and removed one by one.
    add(&platform, "two").await.unwrap();
    assert_eq!(refused(add(&platform, "one").await).0, "ResourceConflictException");
    let cx = platform.cx();
    let both = GetPolicyInput { function_name: "f".into(), qualifier: None };
    let both = platform.lambda.get_policy(&cx, both).await.unwrap().policy.unwrap();
    assert!(both.contains(r#""Id":"mine""#) && both.contains(r#""Sid":"one""#) && both.contains(r#""Sid":"two""#));
    for sid in ["one", "two"] {
        let input = RemovePermissionInput { function_name: "f".into(), statement_id: sid.into(), ..Default::default() };
        platform.lambda.remove_permission(&platform.cx(), input).await.unwrap();
    }
    check(get(&platform, &arn).await, "ResourceNotFoundException", NOTHING);
    platform.stop().await;
}

#[tokio::test]
async fn a_policy_goes_as_a_whole() {
    let platform = Platform::new();
    platform.create("f").await;
    let delete = |revision: Option<&str>| {
        let input =
            DeleteResourcePolicyInput { resource_arn: format!("{ARN}f"), revision_id: revision.map(str::to_owned) };
        async { platform.lambda.delete_resource_policy(&platform.cx(), input).await }
    };
    check(delete(None).await, "ResourceNotFoundException", NOTHING);
    put(&platform, &document(&[statement("one", "Allow", r#""*""#)]), None).await.unwrap();
    add(&platform, "two").await.unwrap();
    assert_eq!(refused(delete(Some("wrong")).await).0, "PreconditionFailedException");
    delete(None).await.unwrap();
    check(get(&platform, &format!("{ARN}f")).await, "ResourceNotFoundException", NOTHING);
    put(&platform, &document(&[statement("one", "Allow", r#""*""#)]), None).await.unwrap();
    let gone = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function(&platform.cx(), gone).await.unwrap();
    platform.create("f").await;
    check(get(&platform, &format!("{ARN}f")).await, "ResourceNotFoundException", NOTHING);
    platform.stop().await;
}

#[tokio::test]
async fn policies_that_cannot_be_are_refused() {
    let platform = Platform::new();
    let whole = document(&[statement("one", "Allow", r#""*""#)]);
    check(put(&platform, &whole, None).await, "ResourceNotFoundException", &format!("Function not found: {ARN}f"));
    platform.create("f").await;
    for wrong in ["{", "[]", "{}", &whole.replace("Allow", "Let"), &whole.replace(":f\"", ":g\"")] {
        let (code, text) = refused(put(&platform, wrong, None).await);
        assert_eq!(code, "InvalidParameterValueException");
        assert!(text.starts_with("The provided policy document is not valid"), "{text}");
    }
    let runtime = "arn:aws:lambda:us-east-1:000000000000:runtime/python";
    check(get(&platform, runtime).await, "ResourceNotFoundException", NOTHING);
    let latest = "We currently do not support adding policies for $LATEST.";
    check(get(&platform, &format!("{ARN}f:$LATEST")).await, "InvalidParameterValueException", latest);
    platform.stop().await;
}

#[tokio::test]
async fn a_written_policy_lets_in_and_keeps_out() {
    let strict = platform(Settings { enforce_resource_policy: true, ..Settings::default() });
    strict.create("f").await;
    let call = || async {
        let request = InvokeRequest {
            function: Arn::parse(&format!("{ARN}f")).unwrap(),
            kind: InvocationType::RequestResponse,
            payload: "{}".into(),
            client_context: None,
            tail: false,
            source: Some(("s3.amazonaws.com", Arn::parse("arn:aws:s3:::bucket").unwrap())),
        };
        FunctionPort::invoke(&*strict.lambda, &strict.cx(), request).await.map(|outcome| outcome.status)
    };
    let s3 = r#"{"Service":"s3.amazonaws.com"}"#;
    assert_eq!(refused(call().await).0, "AccessDeniedException");
    put(&strict, &document(&[statement("one", "Allow", s3)]), None).await.unwrap();
    assert_eq!(call().await.unwrap(), 200);
    put(&strict, &document(&[statement("no", "Deny", s3)]), None).await.unwrap();
    add(&strict, "yes").await.unwrap();
    assert_eq!(refused(call().await).0, "AccessDeniedException", "what is denied stays denied");
    strict.stop().await;
}
